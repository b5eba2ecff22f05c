import Base
import Glibc
import Synchronization
import Testing

@testable import Reactor

/// Runs `body` on a fresh loop in a thread of its own and waits until it called `done`.
private func onReactor(
  _ body: @escaping @Sendable (EpollReactor, _ done: @escaping @Sendable () -> Void) -> Void
) {
  let finished = Semaphore()
  spawnThread(name: "test") {
    do throws(IOFault) {
      let reactor = try EpollReactor(shard: ShardID(rawValue: 0), seed: 1)
      let handle = reactor.handle
      body(reactor) {
        handle.post { ($0 as? EpollReactor)?.stop() }
      }
      reactor.run()
    } catch {
      Issue.record("\(error)")
    }
    finished.post()
  }
  finished.wait()
}

@Suite struct EpollReactorTests {
  @Test func `timers run in the order of their deadlines, then of their age`() {
    let order = Mutex<[Int]>([])
    onReactor { reactor, done in
      reactor.after(milliseconds: 4) { order.withLock { $0.append(3) } }
      reactor.after(milliseconds: 1) { order.withLock { $0.append(1) } }
      reactor.after(milliseconds: 1) { order.withLock { $0.append(2) } }
      let cancelled = reactor.after(milliseconds: 2) { order.withLock { $0.append(9) } }
      reactor.cancel(cancelled)
      reactor.after(milliseconds: 8) { done() }
    }
    #expect(order.withLock { $0 } == [1, 2, 3])
  }

  @Test func `a task stays on the shard's thread across suspensions`() {
    let same = Mutex<[Bool]>([])
    onReactor { reactor, done in
      let home = pthread_self()
      reactor.spawn {
        for _ in 0..<3 {
          same.withLock { $0.append(pthread_equal(home, pthread_self()) != 0) }
          await reactor.sleep(nanoseconds: 100_000)
        }
        done()
      }
    }
    #expect(same.withLock { $0 } == [true, true, true])
  }

  @Test func `messages from another thread arrive in order, many more than one turn takes`() {
    let seen = Mutex<[Int]>([])
    onReactor { reactor, done in
      let handle = reactor.handle
      spawnThread(name: "sender") {
        for number in 0..<10_000 {
          handle.post { _ in seen.withLock { $0.append(number) } }
        }
        handle.post { _ in done() }
      }
    }
    #expect(seen.withLock { $0 } == Array(0..<10_000))
  }

  @Test func `a peer that does not read stops its writer, and gets every byte once it reads`() {
    let total = 8 << 20
    let received = Mutex(0)
    let queuedMax = Mutex(0)
    onReactor { reactor, done in
      do throws(IOFault) {
        let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
          reactor.spawn {
            let block = [UInt8](repeating: 7, count: 65_536)
            var sent = 0
            do throws(IOFault) {
              while sent < total {
                connection.write(block)
                sent += block.count
                let queued = connection.queuedBytes
                queuedMax.withLock { $0 = max($0, queued) }
                try await connection.drain()
              }
            } catch {
              Issue.record("\(error)")
            }
            connection.close()
          }
        }
        let port = listener.port
        spawnThread(name: "client") {
          usleep(50_000)
          let count = readEverything(port: port)
          received.withLock { $0 = count }
          done()
        }
      } catch {
        Issue.record("\(error)")
        done()
      }
    }
    #expect(received.withLock { $0 } == total)
    #expect(queuedMax.withLock { $0 } <= Connection.outputBytesMax + 2 * 65_536)
  }

  @Test func `file writes complete on the shard and are read back`() {
    let path = "/tmp/quatrain-files-\(getpid())"
    let readBack = Mutex<[UInt8]>([])
    onReactor { reactor, done in
      reactor.spawn {
        do throws(IOFault) {
          let file = try reactor.fileSystem.open(path, create: true, direct: false)
          let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 5, alignment: 1)
          bytes.copyBytes(from: [1, 2, 3, 4, 5])
          let result = await withUnsafeContinuation { continuation in
            file.write(UnsafeRawBufferPointer(bytes), at: 3) { continuation.resume(returning: $0) }
          }
          bytes.deallocate()
          try result.get()
          let all = try reactor.fileSystem.readAll(path)
          readBack.withLock { $0 = all }
          try reactor.fileSystem.remove(path)
        } catch {
          Issue.record("\(error)")
        }
        done()
      }
    }
    #expect(readBack.withLock { $0 } == [0, 0, 0, 1, 2, 3, 4, 5])
  }
}

private func readEverything(port: Int) -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  let connected = withUnsafeBytes(of: &address) { bytes in
    connect(
      descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
      socklen_t(MemoryLayout<sockaddr_in>.size))
  }
  guard connected == 0 else { return -1 }
  var buffer = [UInt8](repeating: 0, count: 65_536)
  var total = 0
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count <= 0 { return total }
    total += count
  }
}
