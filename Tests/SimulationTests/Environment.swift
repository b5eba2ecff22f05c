import Glibc

/// What whoever runs the tests asks of them by a variable that is a number, like `QUATRAIN_SEED`; nil: nothing.
func environment(_ name: String) -> UInt64? {
  getenv(name).flatMap { UInt64(String(cString: $0)) }
}
