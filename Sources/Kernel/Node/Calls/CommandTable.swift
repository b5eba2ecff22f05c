import Base
import Catalog
import Reactor
import Types

/// What other nodes may ask of this one, by name. Sendable: every shard has it.
public struct CommandTable: Sendable {
  /// They return what was wrong with the bytes; then nothing has been done.
  typealias TabletHandler =
    @Sendable (inout WireDecoder, Tablet, @escaping (CommandAnswer) -> Void) -> DecodingFault?
  typealias ShardHandler =
    @Sendable (inout WireDecoder, NodeShard, NodeID, @escaping (CommandAnswer) -> Void)
    -> DecodingFault?

  private(set) var tabletCommands: [String: TabletHandler] = [:]
  private(set) var shardCommands: [String: ShardHandler] = [:]

  /// The kernel's own, and these procedures.
  public init(procedures: [any Procedure.Type] = []) {
    add(RollbackToSavepoint.self)
    add(StopTransaction.self)
    add(CommitAlone.self)
    add(Prepare.self)
    add(Decide.self)
    add(Confirm.self)
    add(ResolveCommitted.self)
    add(AskOutcome.self)
    add(DropKeyspaces.self)
    add(SequenceCommand.self)
    add(ChangeMembers.self)
    add(MoveLeadership.self)
    add(BelongsToGroup.self)
    add(SplitTablet.self)
    add(FillTablet.self)
    add(ReadStream.self)
    addShardCommands()
    for procedure in Self.kernelProcedures + procedures { add(procedure: procedure) }
  }

  private static let kernelProcedures: [any Procedure.Type] = [
    FenceTables.self, LockCatalog.self, WriteCatalogChange.self, LoadCatalog.self, GetValue.self,
    LockAdvisory.self, TruncateStream.self,
    ReadSequence.self, SetSequence.self, ForgetSequence.self, ReserveSequence.self,
  ]

  private mutating func add<P: Procedure>(procedure: P.Type) { add(ProcedureCall<P>.self) }

  private mutating func add<C: TabletCommand>(_: C.Type) {
    invariant(tabletCommands[C.name] == nil, "two commands are called \(C.name)")
    tabletCommands[C.name] = { reader, tablet, answer in
      switch Self.read(C.self, &reader) {
      case .failure(let fault): return fault
      case .success(let command):
        let catalog = reader.catalog
        command.run(on: tablet) { answer(Self.answer($0, catalog)) }
        return nil
      }
    }
  }

  mutating func add<C: ShardCommand>(_: C.Type) {
    invariant(shardCommands[C.name] == nil, "two commands are called \(C.name)")
    shardCommands[C.name] = { reader, shard, node, answer in
      switch Self.read(C.self, &reader) {
      case .failure(let fault): return fault
      case .success(let command):
        let catalog = reader.catalog
        command.run(on: shard, from: node) { answer(Self.answer($0, catalog)) }
        return nil
      }
    }
  }

  private static func read<C: WireCodable>(_: C.Type, _ reader: inout WireDecoder)
    -> Result<C, DecodingFault>
  {
    do throws(DecodingFault) {
      let command = try C(from: &reader)
      guard reader.bytes.isAtEnd else { throw .malformed("bytes after a command") }
      return .success(command)
    } catch {
      return .failure(error)
    }
  }

  private static func answer(_ result: some WireCodable, _ catalog: CatalogSnapshot)
    -> CommandAnswer
  {
    var out = WireEncoder(catalog: catalog, reserving: 64)
    result.encode(into: &out)
    return .done(out.bytes.bytes)
  }
}

/// The newest versions of the catalog: calls under way were made with one of them.
struct CatalogHistory {
  private static let versionsMax = 16
  private var versions: [CatalogSnapshot] = []

  mutating func add(_ catalog: CatalogSnapshot) {
    versions.append(catalog)
    if versions.count > Self.versionsMax { versions.removeFirst() }
  }

  subscript(version: UInt64) -> CatalogSnapshot? { versions.last { $0.version == version } }

  /// Since which version the table is what it is now, as far back as is known here.
  func version(of table: ObjectID) -> UInt64 {
    guard let newest = versions.last else { return 0 }
    var since = newest.version
    for known in versions.reversed() {
      guard known.table(table) == newest.table(table) else { break }
      since = known.version
    }
    return since
  }
}

/// The head of a tablet's command between nodes: its name, and the catalog that it was made with.
enum CommandHead {
  static func encode(
    _ name: String, _ version: UInt64, _ change: [UInt8]?, into out: inout ByteWriter
  ) {
    out.string(name)
    out.varint(version)
    out.blob(change ?? [])
  }
}

extension NodeShard {
  /// Carries out a command of another node on a tablet of this shard.
  func execute(_ bytes: [UInt8], on id: TabletID, _ answer: @escaping (CommandAnswer) -> Void) {
    guard let tablet = tablets[id] else { return answer(.refused(CommandTable.notHere)) }
    bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        var reader = ByteReader(buffer)
        let name = try reader.string()
        let version = try reader.varint()
        let change = try reader.blob()
        guard let handler = commands.tabletCommands[name] else {
          return answer(.refused("it does not know \(name)"))
        }
        if version > catalog.version {
          // A shard that group 0 does not reach must not gather calls without end; nothing has been done.
          return whenCatalog(version, withinMilliseconds: Self.catalogWaitMilliseconds) { [self] in
            $0 ? execute(bytes, on: id, answer) : answer(.refused(CommandTable.notHere))
          }
        }
        guard let known = catalogHistory[version] ?? (version == 0 ? CatalogSnapshot() : nil)
        else { return answer(.refused("version \(version) of the catalog is too old")) }
        var catalog = known
        if !change.isEmpty { catalog.apply(try CatalogRows.decode(CatalogChange.self, change)) }
        var decoder = WireDecoder(reader, catalog: catalog)
        decoder.hasPrivateCatalog = !change.isEmpty
        if change.isEmpty { decoder.memo = wireMemo }
        if let fault = handler(&decoder, tablet, answer) { throw fault }
      } catch {
        answer(.refused("a command cannot be read: \(error)"))
      }
    }
  }

  /// How long a call waits for the catalog that it was made with.
  static let catalogWaitMilliseconds = 1_000

  func executeShardCommand(
    _ bytes: [UInt8], from node: NodeID, _ answer: @escaping (CommandAnswer) -> Void
  ) {
    bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        var reader = ByteReader(buffer)
        let name = try reader.string()
        guard let handler = commands.shardCommands[name] else {
          return answer(.refused("it does not know \(name)"))
        }
        var decoder = WireDecoder(reader, catalog: CatalogSnapshot())
        if let fault = handler(&decoder, self, node, answer) { throw fault }
      } catch {
        answer(.refused("a command cannot be read: \(error)"))
      }
    }
  }
}

extension CommandTable {
  /// The reason that stands for `KernelError.leaderChanged`: the tablet has no replica here, or the replica's
  /// catalog is older than the caller's. The caller asks again, maybe another node.
  static let notHere = "no replica"
}
