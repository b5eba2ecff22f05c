import Base
import Testing

@testable import RESP

/// Geohashes: numbers that are known, and a search that finds all that there is.
struct GeoTests {
  @Test func knownPlaces() {
    let palermo = GeoPoint(longitude: 13.361389, latitude: 38.115556)
    let catania = GeoPoint(longitude: 15.087269, latitude: 37.502669)
    #expect(GeoHash(palermo).score == 3_479_099_956_230_698)
    #expect(GeoHash(catania).score == 3_479_447_370_796_909)
    #expect(GeoHash(palermo).text == "sqc8b49rny0")
    #expect(GeoHash(catania).text == "sqdtr74hyu0")
    let distance = GeoHash(palermo).point.metres(to: GeoHash(catania).point)
    #expect(abs(distance - 166_274.1516) < 0.001)
  }

  @Test func neighboursGoRound() {
    let west = GeoHash(GeoPoint(longitude: -179.9, latitude: 10), step: 4)
    let east = GeoHash(GeoPoint(longitude: 179.9, latitude: 10), step: 4)
    #expect(west.moved(east: -1, north: 0) == east)
    #expect(east.moved(east: 1, north: 0) == west)
  }

  /// Every place that a shape contains lies in one of the cells that are searched.
  @Test func cellsCoverShapes() {
    var random = Xoshiro256(seed: 42)
    for _ in 0..<2_000 {
      let center = GeoPoint(
        longitude: Double.random(in: -170...170, using: &random),
        latitude: Double.random(in: -60...60, using: &random))
      let radius = Double.random(in: 1...1_000_000, using: &random)
      let isBox = Bool.random(using: &random)
      let shape = GeoShape(
        center: center,
        form: isBox ? .box(width: radius, height: radius / 2) : .circle(radius: radius))
      let cells = shape.cells
      for _ in 0..<20 {
        let point = GeoPoint(
          longitude: center.longitude + Double.random(in: -8...8, using: &random),
          latitude: center.latitude + Double.random(in: -8...8, using: &random))
        guard shape.distance(point) != nil else { continue }
        let score = GeoHash(point).score
        #expect(cells.contains { $0.scores.contains(score) })
      }
    }
  }
}
