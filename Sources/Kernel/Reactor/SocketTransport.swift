import Base
import CLinux
import Glibc

/// A TCP socket watched by the shard's backend. Lives on: its shard.
final class SocketTransport: Transport, Watcher {
  let peerAddress: String
  var owner: Connection?
  private let descriptor: Int32
  private let backend: any IOBackend
  private var token: WatchToken?
  /// Until the system has said "would block" since the last event.
  private var isReadable = true
  private var isWritable = true
  private var isHungUp = false

  init(descriptor: Int32, peerAddress: String, backend: any IOBackend) throws(IOFault) {
    self.descriptor = descriptor
    self.peerAddress = peerAddress
    self.backend = backend
    do {
      token = try backend.watch(descriptor, self)
    } catch {
      ql_socket_close(descriptor)
      throw error
    }
  }

  func becameReady(readable: Bool, writable: Bool, isHungUp: Bool) {
    if readable { isReadable = true }
    if writable { isWritable = true }
    if isHungUp { self.isHungUp = true }
    owner?.transportReady(readable: readable, writable: writable)
  }

  func receive(into memory: UnsafeMutableRawBufferPointer) throws(IOFault) -> Int? {
    guard token != nil else { throw IOFault(errno: EBADF, operation: "recv") }
    if !isReadable { return nil }
    let count = Int(ql_socket_receive(descriptor, memory.baseAddress, memory.count))
    if count == -Int(EAGAIN) {
      isReadable = false
      return nil
    }
    if count < 0 { throw IOFault(errno: Int32(-count), operation: "recv") }
    // A short read has emptied the socket: the next byte will be an event. The end of the stream
    // may have been told already, though.
    if count < memory.count && !isHungUp { isReadable = false }
    return count
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws(IOFault) -> Int? {
    guard token != nil else { throw IOFault(errno: EBADF, operation: "send") }
    if !isWritable { return nil }
    let count = Int(ql_socket_send(descriptor, bytes.baseAddress, bytes.count))
    if count == -Int(EAGAIN) {
      isWritable = false
      return nil
    }
    if count < 0 { throw IOFault(errno: Int32(-count), operation: "send") }
    return count
  }

  func close(aborting: Bool) {
    guard let token else { return }
    self.token = nil
    owner = nil
    backend.unwatch(descriptor, token)
    if aborting { ql_socket_abort(descriptor) } else { ql_socket_close(descriptor) }
  }
}

/// Waits for a socket's connect to end. Lives on: its shard.
final class ConnectWatcher: Watcher {
  private let descriptor: Int32
  private let backend: any IOBackend
  private var token: WatchToken?
  private var waiter: UnsafeContinuation<Void, Never>?
  private var isDone = false

  init(descriptor: Int32, backend: any IOBackend) throws(IOFault) {
    self.descriptor = descriptor
    self.backend = backend
    token = try backend.watch(descriptor, self)
  }

  func becameReady(readable: Bool, writable: Bool, isHungUp: Bool) {
    // A socket that has not begun to connect hangs up at once; ours has.
    if !writable || isDone { return }
    isDone = true
    waiter?.resume()
    waiter = nil
  }

  /// The positive errno of the connect, 0 when it succeeded. Once.
  func result() async -> Int32 {
    if !isDone { await withUnsafeContinuation { waiter = $0 } }
    if let token { backend.unwatch(descriptor, token) }
    token = nil
    return ql_socket_error(descriptor)
  }
}

/// A listening socket. Lives on: its shard.
final class ListeningSocket: Watcher {
  private let descriptor: Int32
  private unowned let reactor: ShardReactor
  private let onAccept: (Connection) -> Void
  private var token: WatchToken?

  init(
    descriptor: Int32, reactor: ShardReactor, onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) {
    self.descriptor = descriptor
    self.reactor = reactor
    self.onAccept = onAccept
    token = try reactor.backend.watch(descriptor, self)
  }

  func becameReady(readable: Bool, writable: Bool, isHungUp: Bool) {
    if readable { acceptAll() }
  }

  private func acceptAll() {
    var peer = [CChar](repeating: 0, count: Int(QL_ADDRESS_LENGTH))
    // A flood does not hold the loop.
    var budget = 64
    while token != nil {
      if budget == 0 {
        _ = reactor.after(nanoseconds: 0) { [self] in acceptAll() }
        return
      }
      budget -= 1
      let accepted = ql_socket_accept(descriptor, &peer)
      if accepted >= 0 {
        let address = peer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        guard
          let transport = try? SocketTransport(
            descriptor: accepted, peerAddress: address, backend: reactor.backend)
        else { continue }
        onAccept(Connection(transport, reactor, reactor.scratch))
        continue
      }
      switch -accepted {
      case EAGAIN: return
      case EINTR, ECONNABORTED, EPROTO, EPERM: continue
      default:
        // Out of descriptors or memory: no event will come for those who wait, so look again.
        _ = reactor.after(milliseconds: 50) { [self] in acceptAll() }
        return
      }
    }
  }

  func close() {
    guard let token else { return }
    self.token = nil
    reactor.backend.unwatch(descriptor, token)
    ql_socket_close(descriptor)
  }
}
