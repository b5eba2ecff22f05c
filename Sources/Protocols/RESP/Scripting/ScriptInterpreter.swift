import Base
import CLua
import Glibc
import Node
import Reactor
import Types

/// The Lua of one shard: what has been compiled in it, and runs. Nothing in it is needed again once a run
/// is over, since scripts and libraries come along with the commands that use them: it may be thrown away
/// at any time. Lives on: its shard, or one thread after the other (`LongScripts`).
final class ScriptInterpreter {
  /// What an interpreter may hold; scripts that want more end with an error.
  static let memoryMax = 256 << 20

  private var state: OpaquePointer?
  /// Of the shard's clock, or another that goes with it.
  let monotonicNanoseconds: () -> UInt64
  /// It runs on its shard's thread, which others want too.
  let isOnShard: Bool
  let slot: ScriptSlot
  private var scripts: [String: ScriptHeader] = [:]
  private var libraries: [String: [LibraryFunction]] = [:]

  init(_ shard: NodeShard) {
    monotonicNanoseconds = { [unowned shard] in shard.reactor.monotonicNanoseconds() }
    isOnShard = true
    slot = ScriptSlot(shard.place)
    RunningScripts.add(slot)
  }

  /// For long scripts, which run on another thread.
  init(apartFrom shard: NodeShard) {
    monotonicNanoseconds = {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
    isOnShard = false
    slot = ScriptSlot(shard.place)
    RunningScripts.add(slot)
  }

  deinit {
    RunningScripts.remove(slot)
    if let state { cl_free(state) }
  }

  static func of(_ shard: NodeShard) -> ScriptInterpreter {
    shard.local(ScriptInterpreter.self) { ScriptInterpreter(shard) }
  }

  private func opened() throws(CommandStop) -> OpaquePointer {
    if let state { return state }
    guard let made = cl_new(Self.memoryMax, ScriptRun.callbacks) else {
      throw .procedure(.user(SQLError(.outOfMemory, "no memory for an interpreter")))
    }
    state = made
    return made
  }

  /// Begins with an empty one where what was compiled has filled it.
  private func shrink() {
    guard let full = state, cl_memory(full) > Self.memoryMax / 2 else { return }
    cl_free(full)
    state = nil
    scripts = [:]
    libraries = [:]
  }

  // MARK: Scripts

  /// Compiles a script, if it is not yet.
  func define(_ code: [UInt8], sha: String) throws(CommandStop) -> ScriptHeader {
    if let header = scripts[sha] { return header }
    let header = try ScriptHeader.script(code)
    let state = try opened()
    let status = code.withUnsafeBufferPointer { bytes in
      cl_define(
        state, "f_" + sha,
        cl_slice(bytes.dropFirst(header.length)))
    }
    guard status == CL_DONE else {
      throw .error("ERR Error compiling script (new function): \(output(state))")
    }
    scripts[sha] = header
    return header
  }

  func run(script sha: String, _ call: ScriptCall, _ run: ScriptRun) throws(CommandStop) {
    try perform(name: "f_" + sha, function: nil, shown: sha, call, run)
  }

  // MARK: Libraries

  /// Runs a library's code, if it has not yet; its functions.
  func load(_ code: [UInt8], sha: String) throws(CommandStop) -> [LibraryFunction] {
    if let functions = libraries[sha] { return functions }
    let header = try LibraryHeader(code)
    let state = try opened()
    let loading = ScriptRun(self, state, loadingUntil: monotonicNanoseconds() + 500_000_000)
    let status = code.withUnsafeBufferPointer { bytes in
      cl_load(
        state, loading.opaque, "l_" + sha, cl_slice(bytes.dropFirst(header.length)))
    }
    defer { shrink() }
    guard status == CL_DONE else { throw .error("ERR \(output(state))") }
    let functions = LibraryFunction.list(outputBytes(state))
    libraries[sha] = functions
    return functions
  }

  func run(
    library sha: String, _ function: LibraryFunction, _ call: ScriptCall, _ run: ScriptRun
  ) throws(CommandStop) {
    try perform(
      name: "l_" + sha, function: function.name.lowercased(), shown: function.name, call, run)
  }

  // MARK: Runs

  private func perform(
    name: String, function: String?, shown: String, _ call: ScriptCall, _ run: ScriptRun
  ) throws(CommandStop) {
    let state = try opened()
    run.begin(state, slot)
    let status = name.withCString { name in
      shown.withCString { shown in
        call.withSlices { keys, arguments in
          var request = cl_run_request()
          request.name = name
          request.shown = shown
          request.keys = keys.baseAddress
          request.key_count = keys.count
          request.arguments = arguments.baseAddress
          request.argument_count = arguments.count
          request.resp = Int32(run.context.reply.version)
          request.seed = run.seed
          guard let function else { return cl_run(state, run.opaque, &request) }
          return function.withCString { function in
            request.function = function
            return cl_run(state, run.opaque, &request)
          }
        }
      }
    }
    run.end()
    let reply = outputBytes(state)
    shrink()
    switch Int(status) {
    case CL_DONE: run.context.reply.bytes.append(contentsOf: reply)
    case CL_STOPPED: throw run.stop ?? .error("ERR the script ended")
    case CL_KILLED:
      if let stop = run.stop { throw stop }
      // Whatever it has written goes with the call.
      let text = String(decoding: reply.dropFirst("-ERR ".utf8.count).dropLast(2), as: UTF8.self)
      throw .procedure(.user(SQLError(.queryCanceled, text)))
    default: fatalError("invariant: script \(shown) was compiled and is not there")
    }
  }

  private func outputBytes(_ state: OpaquePointer) -> [UInt8] {
    let slice = cl_output(state)
    return Array(UnsafeBufferPointer(start: slice.bytes, count: slice.count))
  }

  private func output(_ state: OpaquePointer) -> String {
    String(decoding: outputBytes(state), as: UTF8.self)
  }
}

extension cl_slice {
  /// Valid while the bytes are.
  init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    let whole = UnsafeBufferPointer(rebasing: bytes)
    self.init(bytes: whole.baseAddress, count: whole.count)
  }
}

/// Names of scripts: the SHA-1 of their text, in hexadecimal digits.
enum ScriptHash {
  static func of(_ code: [UInt8]) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { digits in
      code.withUnsafeBufferPointer { cl_sha1($0.baseAddress, $0.count, digits.baseAddress) }
      return digits.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}

/// Keys and arguments of EVAL and FCALL: `command name count key… argument…`.
struct ScriptCall {
  let command: CommandArguments
  let keyCount: Int

  /// The two lists, where they are in the command; valid inside `body`.
  func withSlices<R>(
    _ body: (UnsafeBufferPointer<cl_slice>, UnsafeBufferPointer<cl_slice>) -> R
  ) -> R {
    command.bytes.withUnsafeBufferPointer { bytes in
      var slices: [cl_slice] = []
      slices.reserveCapacity(command.count - 3)
      for index in 3..<max(3, command.count) {
        slices.append(cl_slice(bytes[command.range(index)]))
      }
      return slices.withUnsafeBufferPointer { slices in
        body(
          UnsafeBufferPointer(rebasing: slices[..<keyCount]),
          UnsafeBufferPointer(rebasing: slices[keyCount...]))
      }
    }
  }
}
