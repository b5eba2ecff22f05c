import Base
import Glibc
import Reactor
import Testing

/// Echoes until the end of the stream.
func echo(_ connection: Connection) async {
  var buffer: [UInt8] = []
  while let count = try? await connection.read(into: &buffer, atMost: 65_536), count > 0 {
    connection.write(buffer)
    buffer.removeAll(keepingCapacity: true)
    connection.flush()
    do { try await connection.drain() } catch { break }
  }
  connection.close()
}

/// Reads exactly `count` bytes.
func readExactly(_ connection: Connection, _ count: Int) async throws -> [UInt8] {
  var buffer: [UInt8] = []
  while buffer.count < count {
    let got = try await connection.read(into: &buffer, atMost: count - buffer.count)
    if got == 0 { break }
  }
  return buffer
}

@Suite struct ConnectionTests {
  @Test("echo of short messages", arguments: backends)
  func echoes(_ backend: ReactorGroup.Backend) async throws {
    let heard = try await onShards(1, backend) { reactor in
      let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
        reactor.spawn { await echo(connection) }
      }
      let client = try await reactor.connect(address: "127.0.0.1", port: listener.port)
      var heard: [UInt8] = []
      for value in UInt8(0)..<100 {
        client.write([value])
        client.flush()
        heard += try await readExactly(client, 1)
      }
      client.close()
      listener.close()
      return heard
    }
    #expect(heard == Array(0..<100))
  }

  @Test("a name is resolved", arguments: backends)
  func resolvesNames(_ backend: ReactorGroup.Backend) async throws {
    let heard = try await onShards(1, backend) { reactor in
      let listener = try reactor.listen(address: "localhost", port: 0) { connection in
        reactor.spawn { await echo(connection) }
      }
      let client = try await reactor.connect(address: "localhost", port: listener.port)
      client.write([7])
      client.flush()
      return try await readExactly(client, 1)
    }
    #expect(heard == [7])
  }

  @Test("a peer that does not read stops the writer, and loses nothing", arguments: backends)
  func backpressure(_ backend: ReactorGroup.Backend) async throws {
    let (most, sum, count) = try await onShards(1, backend) { reactor in
      let total = 24 << 20
      let queued = Log()
      let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
        reactor.spawn {
          let chunk = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7) }
          var sent = 0
          connection.outputBytesMax = 1 << 18
          while sent < total {
            connection.write(chunk)
            connection.flush()
            sent += chunk.count
            do { try await connection.drain() } catch { return }
            queued.add(connection.queuedBytes)
          }
          connection.close()
        }
      }
      let client = try await reactor.connect(address: "127.0.0.1", port: listener.port)
      await reactor.sleep(milliseconds: 50)
      var sum = 0
      var count = 0
      var buffer: [UInt8] = []
      while try await client.read(into: &buffer, atMost: 65_536) > 0 {
        for byte in buffer {
          sum &+= Int(byte) &* (count % 65_536 + 1)
          count += 1
        }
        buffer.removeAll(keepingCapacity: true)
      }
      return (queued.values.max() ?? 0, sum, count)
    }
    var expected = 0
    for index in 0..<65_536 {
      expected &+= Int(UInt8(truncatingIfNeeded: index &* 7)) &* (index + 1)
    }
    #expect(count == 24 << 20)
    #expect(sum == expected &* ((24 << 20) / 65_536))
    #expect(most <= 1 << 18)
  }

  @Test("close sends what is queued; a waiting reader of ours is told", arguments: backends)
  func closing(_ backend: ReactorGroup.Backend) async throws {
    let (received, faulted) = try await onShards(1, backend) { reactor in
      nonisolated(unsafe) var faulted = false
      let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
        reactor.spawn {
          var buffer: [UInt8] = []
          do { _ = try await connection.read(into: &buffer, atMost: 10) } catch { faulted = true }
        }
        reactor.after(milliseconds: 10) {
          connection.write([UInt8](repeating: 3, count: 4 << 20))
          connection.close()
        }
      }
      let client = try await reactor.connect(address: "127.0.0.1", port: listener.port)
      let received = try await readExactly(client, 5 << 20)
      return (received.count, faulted)
    }
    #expect(received == 4 << 20)
    #expect(faulted)
  }

  @Test("a peer that sends without end does not hold the shard", arguments: backends)
  func fairness(_ backend: ReactorGroup.Backend) async throws {
    let ticks = try await onShards(2, backend) { reactor -> Int in
      let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
        reactor.spawn {
          var buffer: [UInt8] = []
          while let count = try? await connection.read(into: &buffer, atMost: 4_096), count > 0 {
            buffer.removeAll(keepingCapacity: true)
          }
        }
      }
      let port = listener.port
      reactor.peers[1].post { sender in
        sender.spawn {
          guard let client = try? await sender.connect(address: "127.0.0.1", port: port) else {
            return
          }
          let chunk = [UInt8](repeating: 1, count: 1 << 20)
          for _ in 0..<400 {
            client.write(chunk)
            do { try await client.drain() } catch { return }
          }
          client.close()
        }
      }
      var ticks = 0
      for _ in 0..<20 {
        await reactor.sleep(milliseconds: 1)
        ticks += 1
      }
      return ticks
    }
    #expect(ticks == 20)
  }

  @Test("connecting to a closed port fails with ECONNREFUSED", arguments: backends)
  func refusal(_ backend: ReactorGroup.Backend) async throws {
    let fault = try await onShards(1, backend) { reactor -> IOFault? in
      let listener = try reactor.listen(address: "127.0.0.1", port: 0) { _ in }
      listener.close()
      await reactor.sleep(milliseconds: 5)
      do throws(IOFault) {
        _ = try await reactor.connect(address: "127.0.0.1", port: listener.port)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault?.errno == ECONNREFUSED)
  }
}
