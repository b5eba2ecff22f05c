import Base
import Catalog
import Reactor
import Types

@testable import KafkaRead
@testable import Node

/// The front end for Kafka's clients on the simulated nodes.
extension ClusterSimulation {
  private static let sessionMilliseconds = 3_000

  private func kafkaSettings() -> KafkaSettings {
    var settings = KafkaSettings()
    settings.sessionTimeoutMilliseconds = 1_000...1_800_000
    settings.consumerSessionMilliseconds = Self.sessionMilliseconds
    return settings
  }

  /// On each shard of a node that is ready.
  func openKafka(on shard: NodeShard) {
    let settings = kafkaSettings()
    do throws(IOFault) {
      _ = try shard.reactor.listen(address: "", port: KafkaWork.port) { connection in
        let session = KafkaSession(stream: connection, shard: shard, settings: settings)
        // Who clients are is not looked at here.
        if let role = shard.catalog.role(CatalogSnapshot.bootstrapRole) { session.become(role) }
        shard.reactor.spawn { await session.run() }
      }
    } catch {
      return fault("the port for Kafka's clients: \(error)")
    }
    KafkaFrontEnd.open(
      on: shard, address: "", port: KafkaWork.port, tlsPort: nil, settings: settings)
  }

  func makeKafkaTable() {
    perform("the topic's table") { [self] shard in
      for _ in 0..<20 {
        do throws(KernelError) {
          try await KafkaFrontEnd.ensureSchema(on: shard)
          break
        } catch {
          note("the schema kafka: \(error)")
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      let client = SQLClient(shard)
      for _ in 0..<20 {
        do throws(SQLError) {
          try await client.run(
            """
            create table if not exists \(KafkaWork.table) (id int primary key, n int, w int)
            with (change_stream = on, change_partitions = \(KafkaWork.partitions))
            """)
          return await client.close()
        } catch {
          note("CREATE TABLE: \(error.message)")
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      fault("the topic's table cannot be made")
    }
  }

  /// The numbers of the rows, as they are in the end.
  private func topicRows() -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    perform("the topic's rows") { [self] shard in
      let client = SQLClient(shard)
      for _ in 0..<20 {
        do throws(SQLError) {
          for row in try await client.run("select id, n from \(KafkaWork.table)") {
            numbers[Int(row[0]) ?? 0] = Int(row[1])
          }
          return await client.close()
        } catch {
          note("the topic's rows: \(error.message)")
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      fault("the topic's rows cannot be read")
    }
    return numbers
  }

  /// Consumers come to the end of everything, and what all saw is held against what is there.
  func checkKafka() {
    let rows = topicRows()
    if !hasFault { kafka.finish(rows) }
  }
}
