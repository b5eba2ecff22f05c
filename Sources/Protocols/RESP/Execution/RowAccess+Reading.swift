import Base

/// Reading rows in place, by code that may find them damaged.
extension RowAccess {
  /// Nil where there is no such row.
  func read<Row>(
    _ space: KeyspaceID, _ key: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(CommandStop) -> Row
  ) throws(CommandStop) -> Row? {
    let result = try withValue(space, key) { bytes -> Result<Row, CommandStop>? in
      guard let bytes else { return nil }
      do throws(CommandStop) {
        return .success(try body(bytes))
      } catch {
        return .failure(error)
      }
    }
    return try result?.get()
  }

  /// As `scan`.
  func visit(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, reverse: Bool = false,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(CommandStop) -> Bool
  ) throws(CommandStop) {
    var fault: CommandStop?
    try scan(space, lower: lower, upper: upper, reverse: reverse) { key, value in
      do throws(CommandStop) {
        return try body(key, value)
      } catch {
        fault = error
        return false
      }
    }
    if let fault { throw fault }
  }
}
