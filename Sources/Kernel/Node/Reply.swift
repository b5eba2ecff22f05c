/// One answer that may come at once or later, for one that waits. Lives on: one shard. A call that is
/// answered before anybody waits does not suspend.
public final class Reply<Output> {
  private var result: Output?
  private var continuation: UnsafeContinuation<Void, Never>?

  public init() {}

  /// The first answer counts.
  public func fulfill(_ value: Output) {
    if result != nil { return }
    result = value
    if let waiting = continuation.take() { waiting.resume() }
  }

  public func get() async -> Output {
    while true {
      if let result { return result }
      await withUnsafeContinuation { continuation = $0 }
    }
  }
}

/// Carries a reference to its own shard through another one, which never looks inside.
///
/// `@unchecked Sendable`: `value` is touched only by closures that run on the shard that made it.
struct ShardBound<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
