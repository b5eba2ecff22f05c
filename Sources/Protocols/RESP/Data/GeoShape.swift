import Base
import Glibc

/// What is searched for places: a circle, or a box along the meridians. Lengths are metres.
struct GeoShape {
  enum Form {
    case circle(radius: Double)
    case box(width: Double, height: Double)
  }
  var center: GeoPoint
  var form: Form

  /// How far the place is from the middle; nil: it is outside.
  func distance(_ point: GeoPoint) -> Double? {
    switch form {
    case .circle(let radius):
      let distance = center.metres(to: point)
      return distance <= radius ? distance : nil
    case .box(let width, let height):
      let north = GeoPoint.metres(fromLatitude: point.latitude, to: center.latitude)
      if north > height / 2 { return nil }
      let east = point.metres(
        to: GeoPoint(longitude: center.longitude, latitude: point.latitude))
      return east <= width / 2 ? center.metres(to: point) : nil
    }
  }

  /// From its middle to its edges, and to the farthest point of them.
  private var reach: (east: Double, north: Double, farthest: Double) {
    switch form {
    case .circle(let radius): (radius, radius, radius)
    case .box(let width, let height):
      (width / 2, height / 2, sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)))
    }
  }

  /// The degrees that it covers; they may lie outside the earth's.
  private var bounds: (west: Double, south: Double, east: Double, north: Double) {
    let north = (reach.north / GeoPoint.earthRadiusMetres).degrees
    // The nearer to a pole, the more degrees are as many metres.
    let edge = center.latitude + (center.latitude < 0 ? -north : north)
    let east = (reach.east / GeoPoint.earthRadiusMetres / cos(edge.radians)).degrees
    return (
      center.longitude - east, center.latitude - north, center.longitude + east,
      center.latitude + north
    )
  }

  /// Half of the Mercator map's width in metres.
  private static let mapMetres = 20_037_726.37

  /// So many that three by three cells around the middle cover most shapes.
  private var steps: Int {
    var distance = reach.farthest
    if distance == 0 { return GeoHash.stepMax }
    var steps = 1
    while distance < Self.mapMetres {
      distance *= 2
      steps += 1
    }
    steps -= 2
    if abs(center.latitude) > 66 { steps -= 1 }
    if abs(center.latitude) > 80 { steps -= 1 }
    return min(max(steps, 1), GeoHash.stepMax)
  }

  /// The cells that have to be searched: that of the middle, and those of its neighbours that the shape
  /// reaches, in Redis' order.
  var cells: [GeoHash] {
    let bounds = bounds
    var step = steps
    var middle = GeoHash(center, step: step)
    let isTooFine =
      middle.moved(east: 0, north: 1).area().latitude.upperBound < bounds.north
      || middle.moved(east: 0, north: -1).area().latitude.lowerBound > bounds.south
      || middle.moved(east: 1, north: 0).area().longitude.upperBound < bounds.east
      || middle.moved(east: -1, north: 0).area().longitude.lowerBound > bounds.west
    if isTooFine, step > 1 {
      step -= 1
      middle = GeoHash(center, step: step)
    }
    let area = middle.area()
    var cells = [middle]
    for (east, north) in [
      (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1),
    ] {
      if step >= 2 {
        if north < 0, area.latitude.lowerBound < bounds.south { continue }
        if north > 0, area.latitude.upperBound > bounds.north { continue }
        if east < 0, area.longitude.lowerBound < bounds.west { continue }
        if east > 0, area.longitude.upperBound > bounds.east { continue }
      }
      let cell = middle.moved(east: east, north: north)
      // Of few cells the neighbours on both sides are the same.
      if !cells.contains(cell) { cells.append(cell) }
    }
    return cells
  }
}
