import Base
import Catalog
import Glibc
import Node

/// INFO: what is known of this node, in the fields of Redis, and of the whole cluster's keys.
enum InfoCommand {
  static let all: [CommandSpec] = [
    .session("info", -1, [.loading, .stale]) { session, command in
      let wanted = (1..<max(1, command.count)).map { command.text($0).lowercased() }
      let text = await InfoReport.make(session, wanted)
      session.output.verbatim(text)
    }
  ]
}

/// The text of INFO. Lives on: the asking session's shard.
struct InfoReport {
  private let session: RESPSession
  private let report: ServerReport
  private var text = ""

  private static let standard = [
    "server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules",
    "errorstats", "cluster", "keyspace",
  ]
  private static let everything = [
    "server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules",
    "commandstats", "errorstats", "latencystats", "cluster", "keyspace",
  ]

  static func make(_ session: RESPSession, _ wanted: [String]) async -> String {
    var names = Set<String>(wanted.isEmpty ? standard : [])
    for word in wanted {
      switch word {
      case "default": names.formUnion(standard)
      case "all", "everything": names.formUnion(everything)
      default: names.insert(word)
      }
    }
    var info = InfoReport(session: session, report: await ServerReport.gather(session))
    for name in everything where names.contains(name) { await info.section(name) }
    return info.text
  }

  private mutating func section(_ name: String) async {
    switch name {
    case "server": server()
    case "clients": clients()
    case "memory": memory()
    case "persistence": await persistence()
    case "stats": await stats()
    case "replication": replication()
    case "cpu": processor()
    case "modules": title("Modules")
    case "commandstats": commands()
    case "errorstats": errors()
    case "latencystats": latencies()
    case "cluster": write("Cluster", [("cluster_enabled", session.isClusterEnabled ? "1" : "0")])
    case "keyspace": await keyspace()
    default: break
    }
  }

  private mutating func title(_ title: String) {
    if !text.isEmpty { text += "\r\n" }
    text += "# \(title)\r\n"
  }

  private mutating func write(_ heading: String, _ fields: [(String, String)]) {
    title(heading)
    for (name, value) in fields { text += "\(name):\(value)\r\n" }
  }

  // MARK: Sections

  private mutating func server() {
    let place = session.state.place
    let now = session.shard.wallNanoseconds()
    let seconds = now > report.startedAt ? (now - report.startedAt) / 1_000_000_000 : 0
    write(
      "Server",
      [
        ("redis_version", RESPVersion.redis), ("quatrain_version", place.version),
        ("redis_git_sha1", "00000000"), ("redis_git_dirty", "0"), ("redis_build_id", "0"),
        ("redis_mode", session.isClusterEnabled ? "cluster" : "standalone"),
        ("os", HostFacts.system), ("arch_bits", "64"),
        ("monotonic_clock", "POSIX clock_gettime"), ("multiplexing_api", "quatrain"),
        ("process_id", "\(getpid())"), ("process_supervised", "no"),
        ("run_id", session.runID), ("tcp_port", "\(place.port ?? 0)"),
        ("server_time_usec", "\(now / 1_000)"), ("uptime_in_seconds", "\(seconds)"),
        ("uptime_in_days", "\(seconds / 86_400)"), ("hz", "10"), ("configured_hz", "10"),
        ("lru_clock", "\(now / 1_000_000_000 & 0xFF_FFFF)"),
        ("executable", HostFacts.executable), ("config_file", ""), ("io_threads_active", "0"),
      ])
  }

  private mutating func clients() {
    write(
      "Clients",
      [
        ("connected_clients", "\(report.clients)"), ("cluster_connections", "0"),
        (
          "maxclients",
          ConfigParameter.named("maxclients").map { ConfigCommands.value(of: $0, session) } ?? "0"
        ),
        ("client_recent_max_input_buffer", "\(report.inputMax)"),
        ("client_recent_max_output_buffer", "\(report.outputMax)"),
        ("blocked_clients", "\(report.blocked)"),
        ("tracking_clients", "\(report.trackingClients)"), ("clients_in_timeout_table", "0"),
      ])
  }

  private mutating func memory() {
    let used = report.memoryUsed
    let resident = HostFacts.residentBytes
    let maximum = session.state.configuration.maxMemory
    let ratio = Double(resident) / Double(max(1, used))
    write(
      "Memory",
      [
        ("used_memory", "\(used)"), ("used_memory_human", Self.human(used)),
        ("used_memory_rss", "\(resident)"), ("used_memory_rss_human", Self.human(resident)),
        ("used_memory_peak", "\(used)"), ("used_memory_peak_human", Self.human(used)),
        ("used_memory_peak_perc", "100.00%"), ("used_memory_overhead", "0"),
        ("used_memory_startup", "0"), ("used_memory_dataset", "\(used)"),
        ("used_memory_dataset_perc", "100.00%"), ("allocator_allocated", "\(used)"),
        ("allocator_active", "\(resident)"), ("allocator_resident", "\(resident)"),
        ("total_system_memory", "\(HostFacts.memoryBytes)"),
        ("total_system_memory_human", Self.human(HostFacts.memoryBytes)),
        ("maxmemory", "\(maximum)"), ("maxmemory_human", Self.human(maximum)),
        ("maxmemory_policy", session.state.configuration.value("maxmemory-policy")),
        ("memory_limit", "\(report.memoryLimit)"),
        ("allocator_frag_ratio", "1.00"), ("allocator_frag_bytes", "0"),
        ("allocator_rss_ratio", "1.00"), ("allocator_rss_bytes", "0"),
        ("rss_overhead_ratio", "1.00"), ("rss_overhead_bytes", "0"),
        ("mem_fragmentation_ratio", Self.decimal(ratio)),
        ("mem_fragmentation_bytes", "\(resident - used)"), ("mem_not_counted_for_evict", "0"),
        ("mem_replication_backlog", "0"), ("mem_total_replication_buffers", "0"),
        ("mem_clients_slaves", "0"), ("mem_clients_normal", "0"), ("mem_cluster_links", "0"),
        ("mem_aof_buffer", "0"), ("mem_allocator", "libc"), ("active_defrag_running", "0"),
        ("lazyfree_pending_objects", "0"), ("lazyfreed_objects", "0"),
        ("number_of_cached_scripts", "\(ScriptCache.of(session.shard).count)"),
      ])
  }

  /// The log is always on; checkpoints are what RDB files are there.
  private mutating func persistence() async {
    let status = await session.shard.nodeStatus()
    let last = status.shards.compactMap(\.lastCheckpoint).min().map { $0 / 1_000_000_000 }
    let isRunning = status.shards.contains(where: \.isCheckpointRunning)
    let failed = status.shards.contains { $0.checkpointFailure != nil }
    let logFailed = status.shards.contains { $0.logFailure != nil }
    write(
      "Persistence",
      [
        ("loading", "0"), ("async_loading", "0"), ("current_cow_peak", "0"),
        ("current_cow_size", "0"), ("current_cow_size_age", "0"), ("current_fork_perc", "0.00"),
        ("current_save_keys_processed", "0"), ("current_save_keys_total", "0"),
        ("rdb_changes_since_last_save", "0"), ("rdb_bgsave_in_progress", isRunning ? "1" : "0"),
        ("rdb_last_save_time", "\(last ?? report.startedAt / 1_000_000_000)"),
        ("rdb_last_bgsave_status", failed ? "err" : "ok"), ("rdb_last_bgsave_time_sec", "-1"),
        ("rdb_current_bgsave_time_sec", "-1"),
        ("rdb_saves", "\(status.shards.map(\.checkpoints).min() ?? 0)"),
        ("rdb_last_cow_size", "0"), ("rdb_last_load_keys_expired", "0"),
        ("rdb_last_load_keys_loaded", "0"), ("aof_enabled", "1"),
        ("aof_rewrite_in_progress", "0"), ("aof_rewrite_scheduled", "0"),
        ("aof_last_rewrite_time_sec", "-1"), ("aof_current_rewrite_time_sec", "-1"),
        ("aof_last_bgrewrite_status", failed ? "err" : "ok"), ("aof_rewrites", "0"),
        ("aof_rewrites_consecutive_failures", "0"),
        ("aof_last_write_status", logFailed ? "err" : "ok"), ("aof_last_cow_size", "0"),
        ("aof_current_size", "\(status.shards.reduce(0) { $0 + $1.logBytes })"),
        ("aof_base_size", "0"), ("aof_pending_rewrite", "0"), ("aof_buffer_length", "0"),
        ("aof_pending_bio_fsync", "0"), ("aof_delayed_fsync", "0"),
        ("module_fork_in_progress", "0"), ("module_fork_last_cow_size", "0"),
      ])
  }

  private mutating func stats() async {
    let statistics = report.statistics
    let channels = await PubSubCommands.ask(session, .channel).count
    let patterns = await PubSubCommands.ask(session, .pattern).count
    let shardChannels = await PubSubCommands.ask(session, .shardChannel).count
    write(
      "Stats",
      [
        ("total_connections_received", "\(statistics.connections)"),
        ("total_commands_processed", "\(statistics.callCount)"),
        ("instantaneous_ops_per_sec", "\(report.operationsPerSecond)"),
        ("total_net_input_bytes", "\(statistics.inputBytes)"),
        ("total_net_output_bytes", "\(statistics.outputBytes)"),
        ("total_net_repl_input_bytes", "0"), ("total_net_repl_output_bytes", "0"),
        ("instantaneous_input_kbps", "0.00"), ("instantaneous_output_kbps", "0.00"),
        ("instantaneous_input_repl_kbps", "0.00"), ("instantaneous_output_repl_kbps", "0.00"),
        ("rejected_connections", "\(statistics.refusedConnections)"), ("sync_full", "0"),
        ("sync_partial_ok", "0"), ("sync_partial_err", "0"),
        ("expired_keys", "\(statistics.keys.expired)"),
        ("evicted_keys", "\(statistics.evictedKeys)"),
        ("evicted_clients", "0"),
        ("total_eviction_exceeded_time", "0"), ("current_eviction_exceeded_time", "0"),
        ("keyspace_hits", "\(statistics.keys.hits)"),
        ("keyspace_misses", "\(statistics.keys.misses)"),
        ("pubsub_channels", "\(channels)"),
        ("pubsub_patterns", "\(patterns)"), ("pubsubshard_channels", "\(shardChannels)"),
        ("latest_fork_usec", "0"), ("total_forks", "0"), ("migrate_cached_sockets", "0"),
        ("slave_expires_tracked_keys", "0"), ("active_defrag_hits", "0"),
        ("active_defrag_misses", "0"), ("active_defrag_key_hits", "0"),
        ("active_defrag_key_misses", "0"), ("total_active_defrag_time", "0"),
        ("current_active_defrag_time", "0"), ("tracking_total_keys", "\(report.trackedKeys)"),
        ("tracking_total_items", "\(report.trackedItems)"),
        ("tracking_total_prefixes", "\(report.trackedPrefixes)"),
        ("unexpected_error_replies", "0"), ("total_error_replies", "\(statistics.errorCount)"),
        ("io_threaded_reads_processed", "0"), ("io_threaded_writes_processed", "0"),
      ])
  }

  /// Copies are the kernel's affair: to clients every node is a master without replicas.
  private mutating func replication() {
    write(
      "Replication",
      [
        ("role", "master"), ("connected_slaves", "0"), ("master_failover_state", "no-failover"),
        ("master_replid", session.runID),
        ("master_replid2", String(repeating: "0", count: 40)), ("master_repl_offset", "0"),
        ("second_repl_offset", "-1"), ("repl_backlog_active", "0"),
        ("repl_backlog_size", session.state.configuration.value("repl-backlog-size")),
        ("repl_backlog_first_byte_offset", "0"), ("repl_backlog_histlen", "0"),
      ])
  }

  private mutating func processor() {
    let own = HostFacts.processorSeconds
    write(
      "CPU",
      [
        ("used_cpu_sys", own.system), ("used_cpu_user", own.user),
        ("used_cpu_sys_children", "0.000000"), ("used_cpu_user_children", "0.000000"),
        ("used_cpu_sys_main_thread", own.system), ("used_cpu_user_main_thread", own.user),
      ])
  }

  private mutating func commands() {
    let used = zip(CommandTable.names, report.statistics.commands).filter { !$1.isEmpty }
    write(
      "Commandstats",
      used.map { name, statistics in
        let microseconds = statistics.nanoseconds / 1_000
        let each = Double(microseconds) / Double(max(1, statistics.calls))
        return (
          "cmdstat_\(name)",
          "calls=\(statistics.calls),usec=\(microseconds),usec_per_call=\(Self.decimal(each)),"
            + "rejected_calls=\(statistics.rejected),failed_calls=\(statistics.failed)"
        )
      })
  }

  private mutating func errors() {
    write(
      "Errorstats",
      report.statistics.errors.sorted { $0.key < $1.key }.map {
        ("errorstat_\($0.key)", "count=\($0.value)")
      })
  }

  private mutating func latencies() {
    let percentiles = session.state.configuration.percentiles
    let used = zip(CommandTable.names, report.statistics.commands).compactMap { name, statistics in
      statistics.durations.map { (name, $0) }
    }
    write(
      "Latencystats",
      used.map { name, durations in
        (
          "latency_percentiles_usec_\(name)",
          percentiles.map {
            "p\($0.shortText)=\(Self.decimal(durations.percentile($0), digits: 3))"
          }.joined(separator: ",")
        )
      })
  }

  private mutating func keyspace() async {
    var counts: [(String, String)] = []
    var failure: [UInt8]?
    let session = session
    do throws(KernelError) {
      for (db, found) in try await KeyspaceReport.of(session).databases.sorted(by: {
        $0.key < $1.key
      }) {
        let average = found.expiring > 0 ? found.left / Int64(found.expiring) : 0
        counts.append(
          ("db\(db)", "keys=\(found.keys),expires=\(found.expiring),avg_ttl=\(average)"))
      }
    } catch {
      failure = session.failure(error)
    }
    write("Keyspace", counts)
    // The rest is true all the same; what is missing is said where it would be.
    if let failure { text += "keyspace_error:\(String(decoding: failure, as: UTF8.self))" }
  }

  // MARK: Numbers as people read them

  static func human(_ bytes: Int) -> String {
    if bytes < 1_024 { return "\(bytes)B" }
    var value = Double(bytes)
    var unit = ""
    for next in ["K", "M", "G", "T", "P"] where value >= 1_024 || unit.isEmpty {
      value /= 1_024
      unit = next
    }
    return decimal(value) + unit
  }

  static func decimal(_ number: Double, digits: Int = 2) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      withVaList([Int32(digits), number]) { _ = vsnprintf(base, 400, "%.*f", $0) }
      return String(cString: base)
    }
  }
}
