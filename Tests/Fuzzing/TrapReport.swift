import Glibc

/// A line that goes to standard error when this thread traps before `end`. Signals of that kind
/// arrive on the thread that made them, so the line is that thread's. Lives on: one thread.
final class TrapReport {
  private static let lineBytes = 1_024
  private static let stackBytes = 1 << 16

  /// Where a thread's line is: its length, then its bytes.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { TrapReport.watch(number) }
    return key
  }()

  private let line = UnsafeMutableRawBufferPointer.allocate(
    byteCount: TrapReport.lineBytes, alignment: 8)
  /// A stack that overflowed cannot tell of it.
  private let stack = UnsafeMutableRawPointer.allocate(
    byteCount: TrapReport.stackBytes, alignment: 16)
  private var earlierStack = stack_t()

  init() {
    line.storeBytes(of: 0, as: Int.self)
    var own = stack_t()
    own.ss_sp = stack
    own.ss_size = TrapReport.stackBytes
    sigaltstack(&own, &earlierStack)
    pthread_setspecific(TrapReport.key, line.baseAddress)
  }

  func set(_ text: String) {
    let bytes = Array(text.utf8.prefix(TrapReport.lineBytes - 8))
    UnsafeMutableRawBufferPointer(rebasing: line[8...]).copyBytes(from: bytes)
    line.storeBytes(of: bytes.count, as: Int.self)
  }

  func end() {
    pthread_setspecific(TrapReport.key, nil)
    sigaltstack(&earlierStack, nil)
    line.deallocate()
    stack.deallocate()
  }

  /// The signal's default follows when the instruction is tried again.
  private static func watch(_ number: Int32) {
    var action = sigaction()
    action.sa_flags = SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
    action.__sigaction_handler.sa_handler = { number in
      if let line = pthread_getspecific(TrapReport.key) {
        write(STDERR_FILENO, line + 8, line.load(as: Int.self))
      }
      if number == SIGABRT { abort() }
    }
    sigaction(number, &action, nil)
  }
}
