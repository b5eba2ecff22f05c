public import Base

/// When the cells of one row were written, and when they expire: what CQL's USING TIMESTAMP and USING
/// TTL leave behind. A row keeps it in a hidden column; docs/formats.md has the bytes.
///
/// Times are microseconds since the Unix epoch, expiries seconds since then, both by who wrote.
public struct CellTimes: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    public var written: Int64
    /// Nil: it stays.
    public var expires: Int64?
    public init(written: Int64, expires: Int64? = nil) {
      self.written = written
      self.expires = expires
    }
    public func hasExpired(at seconds: Int64) -> Bool { expires.map { $0 <= seconds } ?? false }
  }

  /// Of the row itself, which INSERT makes; nil: the row is there as long as one of its cells is.
  public var marker: Cell?
  /// By position of the column, rising: also of cells that were deleted, which hold null.
  public private(set) var cells: [(position: Int, cell: Cell)] = []

  public init() {}

  /// With room for the times of so many cells.
  public init(reserving count: Int) { cells.reserveCapacity(count) }

  public static func == (a: CellTimes, b: CellTimes) -> Bool {
    a.marker == b.marker
      && a.cells.elementsEqual(b.cells) { $0.position == $1.position && $0.cell == $1.cell }
  }

  public subscript(position: Int) -> Cell? {
    get { cells.first { $0.position == position }?.cell }
    set {
      if let newValue, cells.last.map({ $0.position < position }) ?? true {
        return cells.append((position, newValue))
      }
      let place = cells.firstIndex { $0.position >= position } ?? cells.count
      let isThere = place < cells.count && cells[place].position == position
      switch (newValue, isThere) {
      case (nil, true): cells.remove(at: place)
      case (nil, false): break
      case (let cell?, true): cells[place].cell = cell
      case (let cell?, false): cells.insert((position, cell), at: place)
      }
    }
  }

  /// The newest of all; nil where there is none.
  public var newest: Int64? {
    var newest = marker?.written
    for (_, cell) in cells { newest = max(newest ?? cell.written, cell.written) }
    return newest
  }

  // MARK: Bytes

  private static let version: UInt8 = 1
  /// More columns no table has.
  private static let cellsMax = 6_400

  /// Cells with equal times are one group, since most are written together: version, count of groups, and
  /// of each the time, the expiry (0: none), the count of its members and they; 0 is the row itself.
  public var encoded: [UInt8] { oneGroup ?? severalGroups }

  /// Nil: not all have the same time.
  private var oneGroup: [UInt8]? {
    guard let first = marker ?? cells.first?.cell, cells.allSatisfy({ $0.cell == first }) else {
      return nil
    }
    return Self.oneGroup(first, hasMarker: marker != nil, count: cells.count) { writer in
      for (position, _) in cells { writer.varint(UInt64(position + 1)) }
    }
  }

  /// `write`: the members besides the row itself.
  private static func oneGroup(
    _ cell: Cell, hasMarker: Bool, count: Int, _ write: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 24 + count)
    writer.bytes.append(version)
    writer.varint(1)
    Self.write(cell, count: count + (hasMarker ? 1 : 0), into: &writer)
    if hasMarker { writer.varint(0) }
    write(&writer)
    return writer.bytes
  }

  private static func write(_ cell: Cell, count: Int, into writer: inout ByteWriter) {
    writer.signedVarint(cell.written)
    writer.varint(UInt64(cell.expires.map { max(0, $0) + 1 } ?? 0))
    writer.varint(UInt64(count))
  }

  private var severalGroups: [UInt8] {
    var groups: [(cell: Cell, members: [Int])] = []
    func add(_ cell: Cell, _ member: Int) {
      if let place = groups.firstIndex(where: { $0.cell == cell }) {
        groups[place].members.append(member)
      } else {
        groups.append((cell, [member]))
      }
    }
    if let marker { add(marker, 0) }
    for (position, cell) in cells { add(cell, position + 1) }
    var writer = ByteWriter(reserving: 16 + cells.count)
    writer.bytes.append(Self.version)
    writer.varint(UInt64(groups.count))
    for group in groups {
      Self.write(group.cell, count: group.members.count, into: &writer)
      for member in group.members { writer.varint(UInt64(member)) }
    }
    return writer.bytes
  }

  public init(_ bytes: [UInt8]) throws(DecodingFault) {
    self = try bytes.withUnsafeBytes { buffer in
      Result<CellTimes, DecodingFault> { () throws(DecodingFault) in try CellTimes(buffer) }
    }.get()
  }

  public init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    try Self.visit(ByteReader(bytes)) { member, cell in
      if member == 0 { marker = cell } else { self[member - 1] = cell }
    }
  }

  /// Calls `body` for the row itself (0) and each cell, by its position and one.
  private static func visit(_ bytes: ByteReader, _ body: (_ member: Int, Cell) -> Void)
    throws(DecodingFault)
  {
    var reader = bytes
    let version = try reader.integer(UInt8.self)
    guard version == Self.version else { throw .malformed("cell times of version \(version)") }
    for _ in 0..<(try Self.count(&reader)) {
      let written = try reader.signedVarint()
      let expires = try reader.varint()
      guard expires <= UInt64(Int64.max) else { throw .malformed("expiry \(expires)") }
      let cell = Cell(written: written, expires: expires == 0 ? nil : Int64(expires) - 1)
      for _ in 0..<(try Self.count(&reader)) {
        let member = try reader.varint()
        guard member <= UInt64(Self.cellsMax) else { throw .malformed("cell \(member)") }
        body(Int(member), cell)
      }
    }
  }

  /// What most writes have to know of what was there.
  public struct Summary: Sendable, Equatable {
    /// Of the row itself and its cells.
    public var newest: Int64?
    /// Of the row itself.
    public var marker: Cell?

    /// Of a row from before times were kept.
    public init() {
      newest = .min
      marker = Cell(written: .min)
    }

    public init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
      var (newest, marker) = (Int64?.none, Cell?.none)
      try CellTimes.visit(ByteReader(bytes)) { member, cell in
        newest = max(newest ?? cell.written, cell.written)
        if member == 0 { marker = cell }
      }
      (self.newest, self.marker) = (newest, marker)
    }
  }

  /// The bytes of times that are all the same, of the row itself and the cells at these positions, which rise.
  public static func encoded(_ cell: Cell, at positions: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24 + positions.count)
    encode(cell, at: positions, marker: cell, into: &bytes)
    return bytes
  }

  /// Appends the bytes of the row's own time and of that of the cells at these positions, which rise.
  public static func encode(
    _ cell: Cell, at positions: [Int], marker: Cell?, into output: inout [UInt8]
  ) {
    var writer = ByteWriter()
    swap(&writer.bytes, &output)
    defer { swap(&writer.bytes, &output) }
    let isShared = marker == cell
    writer.bytes.append(version)
    writer.varint(marker == nil || isShared ? 1 : 2)
    if let marker, !isShared {
      write(marker, count: 1, into: &writer)
      writer.varint(0)
    }
    write(cell, count: positions.count + (isShared ? 1 : 0), into: &writer)
    if isShared { writer.varint(0) }
    for position in positions { writer.varint(UInt64(position + 1)) }
  }

  /// Whether a row with these times is there whatever its cells are, and nothing of it ever expires. False also where
  /// that cannot be told. Makes nothing.
  public static func stays(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = ByteReader(bytes)
    let found = Result<Bool, DecodingFault> { () throws(DecodingFault) in
      guard try reader.integer(UInt8.self) == version else { return false }
      var hasMarker = false
      for _ in 0..<(try count(&reader)) {
        _ = try reader.varint()
        if try reader.varint() != 0 { return false }
        for _ in 0..<(try count(&reader)) {
          if try reader.varint() == 0 { hasMarker = true }
        }
      }
      return hasMarker
    }
    return if case .success(let stays) = found { stays } else { false }
  }

  private static func count(_ reader: inout ByteReader) throws(DecodingFault) -> Int {
    let count = try reader.varint()
    guard count <= UInt64(cellsMax) else { throw .malformed("\(count) cells") }
    return Int(count)
  }

  /// A value of the hidden column; rows from before it have none.
  public init(_ value: Value) throws(DecodingFault) {
    guard case .bytes(let bytes) = value else {
      self.init()
      marker = Cell(written: .min)
      return
    }
    try self.init(bytes)
  }

  // MARK: Expiry

  /// Whether nothing of the row is there any more; `values` are those of its columns that are no key.
  public func isGone(_ row: [Value], columns: [Int], at seconds: Int64) -> Bool {
    if let marker, !marker.hasExpired(at: seconds) { return false }
    return columns.allSatisfy { position in
      row[position].isNull || self[position]?.hasExpired(at: seconds) ?? false
    }
  }

  /// When the last of the row expires; nil: some of it stays.
  public func expiry(of row: [Value], columns: [Int]) -> Int64? {
    expiry(columns: columns) { row[$0].isNull }
  }

  public func expiry(columns: [Int], isNull: (Int) -> Bool) -> Int64? {
    var last: Int64?
    if let marker {
      guard let expires = marker.expires else { return nil }
      last = expires
    }
    for position in columns where !isNull(position) {
      guard let expires = self[position]?.expires else { return nil }
      last = max(last ?? expires, expires)
    }
    return last
  }
}
