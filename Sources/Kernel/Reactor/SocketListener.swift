import Base
import CLinux
import Glibc

/// A listening TCP socket with SO_REUSEPORT, so that every shard has one on the same port.
final class SocketListener: Listener, ReadinessWatcher {
  private(set) var port = 0
  private let reactor: EpollReactor
  private var descriptor: Int32
  private let onAccept: (Connection) -> Void

  init(
    reactor: EpollReactor, address: String, port: Int, onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) {
    self.reactor = reactor
    self.onAccept = onAccept
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &found) == 0, let info = found else {
      throw IOFault(errno: EADDRNOTAVAIL, operation: "resolve \(address)")
    }
    defer { freeaddrinfo(found) }
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(info.pointee.ai_family, flags, 0)
    if descriptor < 0 { throw IOFault(errno: errno, operation: "socket") }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, 4)
    guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0,
      Glibc.listen(descriptor, 1_024) == 0
    else {
      let fault = IOFault(errno: errno, operation: "listen on \(address):\(port)")
      Glibc.close(descriptor)
      throw fault
    }
    self.port = try Self.boundPort(descriptor)
    try reactor.watch(descriptor, self)
  }

  private static func boundPort(_ descriptor: Int32) throws(IOFault) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutableBytes(of: &storage) { bytes in
      getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    if result != 0 { throw IOFault(errno: errno, operation: "getsockname") }
    // The port is at the same place in IPv4's and IPv6's addresses.
    return withUnsafeBytes(of: storage) {
      Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)))
    }
  }

  func close() {
    guard descriptor >= 0 else { return }
    reactor.unwatch(descriptor)
    Glibc.close(descriptor)
    descriptor = -1
  }

  func becameReady(readable: Bool, writable: Bool) {
    while descriptor >= 0 {
      var peer = [CChar](repeating: 0, count: 256)
      let accepted = ql_accept(descriptor, &peer, peer.count)
      if accepted < 0 {
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
          // Edge-triggered: nobody will tell again, so look again ourselves.
          reactor.after(milliseconds: 50) { [weak self] in
            self?.becameReady(readable: true, writable: false)
          }
          return
        default: return
        }
      }
      do throws(IOFault) {
        onAccept(
          try Connection(
            reactor: reactor, descriptor: accepted,
            peerAddress: Self.text(peer)))
      } catch {
        Glibc.close(accepted)
      }
    }
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension EpollReactor {
  public func listen(address: String, port: Int, onAccept: @escaping (Connection) -> Void)
    throws(IOFault) -> any Listener
  {
    try SocketListener(reactor: self, address: address, port: port, onAccept: onAccept)
  }
}
