import Base
import Glibc
import Reactor
import Testing

private let one = NodeID(rawValue: 1)
private let two = NodeID(rawValue: 2)

/// Two nodes that talk, write files, wait and post; what the application saw.
private func runScenario(_ seed: UInt64) -> (trace: [String], fingerprint: UInt64) {
  let world = SimulatedWorld(seed: seed)
  let trace = Trace()
  world.start(two, shards: 2) { reactor, shard in
    guard shard.rawValue == 0 else { return }
    do {
      _ = try reactor.listen(address: "", port: 5432) { connection in
        reactor.spawn {
          trace.add("accepted \(connection.peerAddress) at \(reactor.monotonicNanoseconds())")
          await echo(connection)
        }
      }
    } catch {
      trace.add("listen: \(error)")
    }
    reactor.onTurnEnd { trace.add("turn end at \(reactor.monotonicNanoseconds())") }
  }
  world.start(one, shards: 2) { reactor, shard in
    reactor.spawn {
      do {
        let file = try reactor.fileSystem.open("/log-\(shard)", create: true, direct: true)
        let buffer = AlignedBuffer(capacity: 8192)
        try await write(file, buffer.prefix(8192), at: 0)
        trace.add("shard \(shard) wrote at \(reactor.monotonicNanoseconds())")
        let client = try await reactor.connect(
          address: SimulatedWorld.address(of: two), port: 5432)
        for _ in 0..<5 {
          client.write(
            [UInt8](repeating: 1, count: Int.random(in: 1..<5000, using: &reactor.random)))
          client.flush()
          let back = try await readExactly(client, 1)
          trace.add("shard \(shard) heard \(back.count) at \(reactor.monotonicNanoseconds())")
          await reactor.sleep(milliseconds: Int.random(in: 0..<5, using: &reactor.random))
        }
        client.close()
      } catch {
        trace.add("\(error)")
      }
    }
  }
  world.run(milliseconds: 200)
  return (trace.lines, world.fingerprint)
}

@Suite struct SimulationTests {
  @Test("the same seed gives the same run, another one another", arguments: [1, 7, 42] as [UInt64])
  func determinism(_ seed: UInt64) {
    let first = runScenario(seed)
    let second = runScenario(seed)
    let other = runScenario(seed + 1000)
    #expect(first.trace.count > 20)
    #expect(!first.trace.contains { $0.contains("errno") }, "\(first.trace)")
    #expect(first.trace == second.trace)
    #expect(first.fingerprint == second.fingerprint)
    #expect(first.fingerprint != other.fingerprint)
  }

  @Test("time passes only in the world; the clock of a node may be wrong")
  func clocks() {
    let world = SimulatedWorld(seed: 1)
    let trace = Trace()
    world.setClock(one, aheadNanoseconds: 5_000_000_000, driftPartsPerMillion: 1000)
    world.start(one) { reactor, _ in
      reactor.after(milliseconds: 3_600_000) {
        let epoch = world.options.epochNanoseconds
        trace.add("\(reactor.monotonicNanoseconds()) \(reactor.wallNanoseconds() - epoch)")
      }
    }
    world.run(milliseconds: 3_600_000)
    #expect(trace.lines == ["3600000000000 3608600000000"])
  }

  @Test("messages between shards arrive in order")
  func messages() {
    let world = SimulatedWorld(seed: 1)
    nonisolated(unsafe) var heard: [Int] = []
    world.start(one, shards: 2) { reactor, shard in
      if shard.rawValue == 1 { return }
      reactor.after(milliseconds: 1) {
        for index in 0..<1000 {
          reactor.peers[1].post { target in heard.append(index + Int(target.shard.rawValue)) }
        }
      }
    }
    world.run(milliseconds: 2)
    #expect(heard == Array(1...1000))
  }

  @Test("a crash tears writes in flight by sectors and keeps completed direct ones")
  func tornWrites() {
    var mixed = 0
    for seed in 0..<50 as Range<UInt64> {
      let world = SimulatedWorld(seed: seed)
      let trace = Trace()
      var keep: [AnyObject] = []
      world.start(one) { reactor, _ in
        reactor.spawn {
          do {
            let file = try reactor.fileSystem.open("/segment", create: true, direct: true)
            try reactor.fileSystem.syncDirectory("/")
            let done = AlignedBuffer(capacity: 16_384)
            done.bytes.initializeMemory(as: UInt8.self, repeating: 1)
            try await write(file, done.prefix(16_384), at: 0)
            trace.add("durable")
            let torn = AlignedBuffer(capacity: 32_768)
            torn.bytes.initializeMemory(as: UInt8.self, repeating: 2)
            keep.append(torn)
            file.write(torn.prefix(32_768), at: 16_384) { _ in trace.add("never") }
            trace.add("in flight")
          } catch {
            trace.add("\(error)")
          }
        }
      }
      #expect(world.run(atMostMilliseconds: 10) { trace.lines.count == 2 })
      world.crash(one)
      world.run(milliseconds: 10)
      #expect(trace.lines == ["durable", "in flight"])
      let image = world.disk(of: one).contents("/segment") ?? []
      #expect(image.count >= 16_384 && image.prefix(16_384).allSatisfy { $0 == 1 })
      let sectors = stride(from: 16_384, to: image.count, by: 4096).map { start in
        Set(image[start..<min(start + 4096, image.count)])
      }
      for sector in sectors { #expect(sector == [0] || sector == [2]) }
      if sectors.contains([0]) && sectors.contains([2]) { mixed += 1 }
    }
    #expect(mixed > 25)
  }

  @Test("what was not synced may be lost, what was synced stays")
  func unsyncedWrites() {
    var lost = 0
    var kept = 0
    for seed in 0..<60 as Range<UInt64> {
      let world = SimulatedWorld(seed: seed)
      world.start(one) { reactor, _ in
        do {
          let file = try reactor.fileSystem.open("/file", create: true, direct: false)
          try file.writeBlocking(bytes("synced"), at: 0)
          try file.syncBlocking()
          try reactor.fileSystem.syncDirectory("/")
          try file.writeBlocking(bytes("newer!"), at: 0)
          _ = try reactor.fileSystem.open("/unsynced", create: true, direct: false)
        } catch {
          Issue.record("\(error)")
        }
      }
      world.crash(one)
      let text = String(decoding: world.disk(of: one).contents("/file") ?? [], as: UTF8.self)
      #expect(text == "synced" || text == "newer!")
      if text == "synced" { lost += 1 } else { kept += 1 }
    }
    #expect(lost > 10 && kept > 10)
  }

  @Test("a node starts again on what is left, and its peers are reset")
  func restart() {
    let world = SimulatedWorld(seed: 3)
    let trace = Trace()
    func boot() {
      world.start(two) { reactor, _ in
        do {
          let files = reactor.fileSystem
          if let old = try? files.readAll("/count") { trace.add("found \(old)") }
          let file = try files.open("/count", create: true, direct: false)
          try file.writeBlocking(bytes("x"), at: 0)
          try file.syncBlocking()
          try files.syncDirectory("/")
          _ = try reactor.listen(address: "", port: 1) { connection in
            reactor.spawn { await echo(connection) }
          }
        } catch {
          trace.add("\(error)")
        }
      }
    }
    boot()
    world.start(one) { reactor, _ in
      reactor.spawn {
        do throws(IOFault) {
          let client = try await reactor.connect(
            address: SimulatedWorld.address(of: two), port: 1)
          var buffer: [UInt8] = []
          _ = try await client.read(into: &buffer, atMost: 1)
        } catch {
          trace.add("reset \(error.errno == ECONNRESET)")
        }
      }
    }
    world.run(milliseconds: 50)
    world.crash(two)
    world.run(milliseconds: 50)
    boot()
    #expect(trace.lines == ["reset true", "found [120]"])
  }

  @Test("a partition holds streams back and refuses new ones; healing lets them go on")
  func partition() {
    let world = SimulatedWorld(seed: 5)
    let trace = Trace()
    world.start(two) { reactor, _ in
      do {
        _ = try reactor.listen(address: "", port: 1) { connection in
          reactor.spawn { await echo(connection) }
        }
      } catch {
        trace.add("\(error)")
      }
    }
    world.start(one) { reactor, _ in
      let address = SimulatedWorld.address(of: two)
      reactor.spawn {
        do throws(IOFault) {
          let client = try await reactor.connect(address: address, port: 1)
          await reactor.sleep(milliseconds: 100)
          client.write([1])
          client.flush()
          var buffer: [UInt8] = []
          _ = try await client.read(into: &buffer, atMost: 1)
          trace.add("echo after \(reactor.monotonicNanoseconds() / 1_000_000_000) s")
        } catch {
          trace.add("\(error)")
        }
      }
      reactor.after(milliseconds: 200) {
        reactor.spawn {
          do throws(IOFault) {
            _ = try await reactor.connect(address: address, port: 1)
          } catch {
            trace.add("timeout \(error.errno == ETIMEDOUT)")
          }
        }
      }
    }
    world.run(milliseconds: 50)
    world.partition(one, two)
    world.run(milliseconds: 5_000)
    world.healAll()
    world.run(milliseconds: 1_000)
    #expect(trace.lines == ["timeout true", "echo after 5 s"])
  }

  @Test("disk errors and a full disk reach the caller")
  func diskFaults() {
    let world = SimulatedWorld(seed: 5)
    world.disk(of: one).faults.capacity = 4096
    let trace = Trace()
    world.start(one) { reactor, _ in
      reactor.spawn {
        do {
          let file = try reactor.fileSystem.open("/file", create: true, direct: false)
          try await write(file, bytes("fits"), at: 4000)
          trace.add("fits")
          do { try await write(file, bytes("not"), at: 4095) } catch let fault as IOFault {
            trace.add("full \(fault.errno == ENOSPC)")
          }
          world.disk(of: one).faults.syncErrorsPerMille = 1000
          do { try await sync(file) } catch let fault as IOFault {
            trace.add("broken \(fault.errno == EIO)")
          }
        } catch {
          trace.add("\(error)")
        }
      }
    }
    world.run(milliseconds: 50)
    #expect(trace.lines == ["fits", "full true", "broken true"])
  }
}

/// Bytes of a text that live for ever: for writes of a test.
private func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
}

/// Lines that a run left. Lives on: the world's thread.
private final class Trace {
  private(set) var lines: [String] = []
  func add(_ line: String) { lines.append(line) }
}
