import Base
import Glibc

/// A place on the earth, in degrees.
struct GeoPoint: Equatable {
  var longitude: Double
  var latitude: Double

  /// The mean radius that Redis reckons with.
  static let earthRadiusMetres = 6_372_797.560856

  /// Great-circle distance by the haversine formula.
  func metres(to other: GeoPoint) -> Double {
    let v = sin((other.longitude.radians - longitude.radians) / 2)
    if v == 0 { return Self.metres(fromLatitude: latitude, to: other.latitude) }
    let (a, b) = (latitude.radians, other.latitude.radians)
    let u = sin((b - a) / 2)
    return 2 * Self.earthRadiusMetres * asin(sqrt(u * u + cos(a) * cos(b) * v * v))
  }

  static func metres(fromLatitude a: Double, to b: Double) -> Double {
    earthRadiusMetres * abs(b.radians - a.radians)
  }
}

extension Double {
  var radians: Double { self * (Double.pi / 180) }
  var degrees: Double { self / (Double.pi / 180) }
}

/// A cell of a grid over a rectangle of the earth, halved `step` times each way: the bits of the
/// longitude's and of the latitude's number take turns, the longitude's first. With 26 steps that is a
/// whole number that a Double holds: the score of a member of a geo set.
struct GeoHash: Equatable {
  static let stepMax = 26

  struct Frame {
    var longitude: ClosedRange<Double>
    var latitude: ClosedRange<Double>

    /// What Web Mercator shows; scores are of it.
    static let mercator = Frame(longitude: -180...180, latitude: -85.05112878...85.05112878)
    /// What geohash.org uses.
    static let whole = Frame(longitude: -180...180, latitude: -90...90)
  }

  struct Area: Equatable {
    var longitude: ClosedRange<Double>
    var latitude: ClosedRange<Double>
  }

  private(set) var bits: UInt64
  let step: Int

  init(_ point: GeoPoint, step: Int = stepMax, in frame: Frame = .mercator) {
    func cell(_ value: Double, _ range: ClosedRange<Double>) -> UInt64 {
      let part = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return UInt64(part * Double(1 << step))
    }
    let longitude = cell(point.longitude, frame.longitude)
    let latitude = cell(point.latitude, frame.latitude)
    bits = Self.spread(latitude) | Self.spread(longitude) << 1
    self.step = step
  }

  init(score: Double) {
    bits = UInt64(clamping: Int64(max(min(score, 0x1p62), 0)))
    step = Self.stepMax
  }

  /// The bits at the even places, with zeros between them; of 32.
  private static func spread(_ value: UInt64) -> UInt64 {
    var spread: UInt64 = 0
    for place in 0..<UInt64(32) { spread |= (value >> place & 1) << (place * 2) }
    return spread
  }

  private static func gathered(_ bits: UInt64) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<UInt64(32) { value |= (bits >> (place * 2) & 1) << place }
    return value
  }

  func area(in frame: Frame = .mercator) -> Area {
    func side(_ cell: UInt64, _ range: ClosedRange<Double>) -> ClosedRange<Double> {
      let scale = range.upperBound - range.lowerBound
      let parts = Double(UInt64(1) << UInt64(step))
      let low = range.lowerBound + Double(cell) / parts * scale
      return low...max(low, range.lowerBound + Double(cell + 1) / parts * scale)
    }
    return Area(
      longitude: side(Self.gathered(bits >> 1), frame.longitude),
      latitude: side(Self.gathered(bits), frame.latitude))
  }

  /// The middle of the cell.
  var point: GeoPoint {
    let area = area()
    func middle(_ range: ClosedRange<Double>, _ limits: ClosedRange<Double>) -> Double {
      let middle = (range.lowerBound + range.upperBound) / 2
      return min(max(middle, limits.lowerBound), limits.upperBound)
    }
    return GeoPoint(
      longitude: middle(area.longitude, Frame.mercator.longitude),
      latitude: middle(area.latitude, Frame.mercator.latitude))
  }

  /// The cell that lies so many further east and north; the grid goes round at its edges.
  func moved(east: Int, north: Int) -> GeoHash {
    let mask = UInt64(1) << UInt64(step) - 1
    let longitude = (Self.gathered(bits >> 1) &+ UInt64(bitPattern: Int64(east))) & mask
    let latitude = (Self.gathered(bits) &+ UInt64(bitPattern: Int64(north))) & mask
    var moved = self
    moved.bits = Self.spread(latitude) | Self.spread(longitude) << 1
    return moved
  }

  /// With 52 bits: the score of the first place inside, and of the first behind.
  var scores: Range<Double> {
    let shift = UInt64(52 - step * 2)
    return Double(bits << shift)..<Double((bits + 1) << shift)
  }

  var score: Double { scores.lowerBound }

  /// The text that geohash.org knows. The eleventh letter would need more bits than there are.
  var text: String {
    let alphabet = Array("0123456789bcdefghjkmnpqrstuvwxyz")
    let bits = GeoHash(point, in: .whole).bits
    var text = ""
    for index in 1...10 { text.append(alphabet[Int(bits >> UInt64(52 - index * 5) & 31)]) }
    return text + "0"
  }
}
