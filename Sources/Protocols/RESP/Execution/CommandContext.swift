import Base
import Catalog
import Node

/// What one command, or one transaction of MULTI, or one script, works with. Lives on: one shard, while
/// it runs; it never suspends.
final class CommandContext {
  let rows: RowAccess
  private(set) var options: RunOptions
  /// SELECTed by the connection; scripts may change it for themselves.
  var db: Int
  var reply: ReplyWriter
  /// Milliseconds since the Unix epoch, the same for all that runs together.
  private(set) var now: Int64
  /// For keyspace notifications, where somebody wants them.
  private(set) var events: [KeyEvent] = []
  /// What scripts have published; it leaves when everything has committed.
  var messages: [Publication] = []
  /// What scripts were not allowed.
  var refusals: [ScriptRefusal] = []
  /// Of the script or library that the command runs, where it does not name it itself.
  var code: [UInt8]?
  /// The command has found nothing and would wait.
  var block: BlockRequest?
  /// Keys, as their rows', that others who wait come first at.
  var yielded: [[UInt8]] = []
  /// Not for secrets.
  var random: Xoshiro256 {
    get { drawn ?? Xoshiro256(seed: options.seed) }
    set { drawn = newValue }
  }
  private var drawn: Xoshiro256?
  /// A script runs: it may use any key, and nothing in it waits.
  var isScript = false
  /// Whether the script has called a command that reads, so that its client may keep what it has learned; nil:
  /// the command is no script.
  var scriptHasRead: Bool?
  /// More memory is used than may be, and nothing can be removed.
  var isOutOfMemory = false
  private(set) var keyCounts = KeyCounts()
  /// The command only reads: what it looks for is counted, and missed.
  var isReading = false
  /// The command uses keys that it has not named, as scripts do: each is looked at whether it is here.
  var usesOtherKeys = false

  /// What CONFIG SET has set.
  var configuration: RESPConfiguration { rows.configuration }

  init(_ rows: RowAccess, _ options: RunOptions, db: Int) {
    self.rows = rows
    self.options = options
    self.db = db
    reply = ReplyWriter(version: options.version)
    now = Int64(rows.time.rawValue / 1_000_000)
  }

  /// Anew for a single command, for which everything else is as it was made for.
  func begin(version: Int, db: Int, client: Int64, seed: UInt64) {
    self.db = db
    reply.version = version
    options.version = version
    options.client = client
    options.seed = seed
    now = Int64(rows.time.rawValue / 1_000_000)
    drawn = nil
    block = nil
    usesOtherKeys = false
    keyCounts = KeyCounts()
  }

  /// A command that reads has looked for the key.
  func note(_ notes: LookupNotes, of name: [UInt8], found: Bool, db: Int) {
    guard isReading, notes != .nothing else { return }
    if found {
      keyCounts.hits += 1
    } else {
      keyCounts.misses += 1
      if notes == .missesToo { notify(.missed, "keymiss", name, db: db) }
    }
  }

  func noteExpired(_ name: [UInt8], db: Int?) {
    keyCounts.expired += 1
    notify(.expired, "expired", name, db: db)
  }

  /// Commands that wait answer at once where they are part of something else.
  var mayBlock: Bool { options.mayBlock && !isScript }

  func notify(_ kind: KeyEvent.Kind, _ event: StaticString, _ key: KeyState, db: Int? = nil) {
    guard options.events.contains(kind) else { return }
    notify(kind, "\(event)", key.name, db: db)
  }

  /// `db`: where it is not the one of the command.
  func notify(_ kind: KeyEvent.Kind, _ event: String, _ name: [UInt8], db: Int? = nil) {
    guard options.events.contains(kind) else { return }
    events.append(KeyEvent(kind: kind, event: event, db: db ?? self.db, key: name))
  }
}

/// What becomes of a look at a key: those of MEMORY USAGE do not count, and of OBJECT's misses nobody is told.
enum LookupNotes {
  case nothing, counts, missesToo
}

/// What a run of commands is told by its session.
struct RunOptions: WireCodable {
  /// Of the protocol: 2 or 3.
  var version = 2
  var mayBlock = false
  /// It has waited already, and runs again.
  var hasWaited = false
  /// Who waits where nothing is found.
  var waiter: WaiterID?
  /// Which keyspace notifications anybody wants.
  var events: KeyEvent.Kinds = []
  /// Whose run it is: a session's id (CLIENT ID).
  var client: Int64 = 0
  /// The client does not want to hear of its own changes (CLIENT TRACKING NOLOOP).
  var isNoLoop = false
  /// Databases that SELECT knows.
  var databases = 16
  /// Where random numbers begin: the same however often the commands run.
  var seed: UInt64 = 0
  /// What scripts may do; nil: everything.
  var rights: AccessRights?
  /// There is a limit of memory, or the use of keys is noted.
  var watchesMemory = false

  init() {}
  func encode(into out: inout WireEncoder) {
    version.encode(into: &out)
    mayBlock.encode(into: &out)
    hasWaited.encode(into: &out)
    waiter.encode(into: &out)
    UInt64(events.rawValue).encode(into: &out)
    client.encode(into: &out)
    isNoLoop.encode(into: &out)
    databases.encode(into: &out)
    seed.encode(into: &out)
    rights.encode(into: &out)
    watchesMemory.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    version = try Int(from: &reader)
    mayBlock = try Bool(from: &reader)
    hasWaited = try Bool(from: &reader)
    waiter = try WaiterID?(from: &reader)
    events = KeyEvent.Kinds(rawValue: UInt16(truncatingIfNeeded: try UInt64(from: &reader)))
    client = try Int64(from: &reader)
    isNoLoop = try Bool(from: &reader)
    databases = try Int(from: &reader)
    seed = try UInt64(from: &reader)
    rights = try AccessRights?(from: &reader)
    watchesMemory = try Bool(from: &reader)
  }
}

/// Something that has happened to a key, for keyspace notifications.
struct KeyEvent: WireCodable, Equatable {
  /// The classes of `notify-keyspace-events`, by their letters.
  enum Kind: UInt16 {
    case generic = 1  // g
    case string = 2  // $
    case list = 4  // l
    case set = 8  // s
    case hash = 16  // h
    case zset = 32  // z
    case stream = 64  // t
    case expired = 128  // x
    case evicted = 256  // e
    case missed = 512  // m
    case new = 1_024  // n
  }
  struct Kinds: OptionSet {
    var rawValue: UInt16
    func contains(_ kind: Kind) -> Bool { rawValue & kind.rawValue != 0 }
    /// To `__keyspace@db__:key`, and to `__keyevent@db__:event`.
    static let keyspace = Kinds(rawValue: 1 << 14)
    static let keyevent = Kinds(rawValue: 1 << 15)
  }

  var kind: Kind
  var event: String
  var db: Int
  var key: [UInt8]

  init(kind: Kind, event: String, db: Int, key: [UInt8]) {
    self.kind = kind
    self.event = event
    self.db = db
    self.key = key
  }
  func encode(into out: inout WireEncoder) {
    UInt64(kind.rawValue).encode(into: &out)
    event.encode(into: &out)
    db.encode(into: &out)
    out.bytes.blob(key)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let raw = try UInt64(from: &reader)
    guard let kind = UInt16(exactly: raw).flatMap(Kind.init(rawValue:)) else {
      throw .malformed("event class \(raw)")
    }
    self.kind = kind
    event = try String(from: &reader)
    db = try Int(from: &reader)
    key = try reader.bytes.blob()
  }
}
