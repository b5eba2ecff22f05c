/// Traps with the text when `condition` is false: a bug of ours, never a user's fault.
/// Always on; `precondition` loses its text in release builds.
@inlinable
public func invariant(
  _ condition: Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError("invariant: \(message())", file: file, line: line) }
}
