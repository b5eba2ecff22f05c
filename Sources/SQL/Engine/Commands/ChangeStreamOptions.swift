import Base
import Catalog
import Node
import Syntax
import Types

/// WITH (change_stream = …) of CREATE TABLE and SET, RESET of ALTER TABLE. The catalog keeps the options in the
/// form that the kernel reads (`ChangeStreamDescriptor`).
extension SQLSession {
  static func isChangeStream(_ option: DefinitionOption) -> Bool {
    ChangeStreamDescriptor.isOption(option.name)
  }

  /// Puts what the options say of the change stream into the table's.
  func setChangeStream(
    _ given: [DefinitionOption], _ table: inout TableDescriptor, _ catalog: CatalogSnapshot
  ) throws(SQLError) {
    let options = given.filter(Self.isChangeStream)
    guard let first = options.first else { return }
    try admitChangeStream(table, first)
    var wanted: DefinitionOption?
    for option in options {
      switch option.name {
      case ChangeStreamDescriptor.option:
        table.options[option.name] = try Self.flag(option) ? "on" : "off"
      case ChangeStreamDescriptor.retentionOption:
        table.options[option.name] = try Self.seconds(option)
      case ChangeStreamDescriptor.deletionOption:
        let seconds = try Self.seconds(option)
        // For ever is as long as can be said.
        table.options[option.name] = seconds == "forever" ? String(Int64.max) : seconds
      case ChangeStreamDescriptor.retentionBytesOption:
        table.options[option.name] = String(try Self.number(option, in: 1...Int64.max))
      case ChangeStreamDescriptor.cleanupOption:
        table.options[option.name] = try Self.cleanup(option)
      case ChangeStreamDescriptor.partitionsOption: wanted = option
      default:
        throw SQLError(
          .invalidParameterValue, "unrecognized parameter \"\(option.name)\"",
          position: option.position)
      }
    }
    try setPartitions(wanted, &table, catalog)
  }

  func resetChangeStream(_ given: [DefinitionOption], _ table: inout TableDescriptor)
    throws(SQLError)
  {
    for option in given where Self.isChangeStream(option) {
      if option.name == ChangeStreamDescriptor.partitionsOption {
        throw Self.partitionsStay(option.position)
      }
      table.options[option.name] = nil
    }
  }

  private func admitChangeStream(_ table: TableDescriptor, _ option: DefinitionOption)
    throws(SQLError)
  {
    guard shard.featureLevel >= FeatureLevel.changeStreams else {
      throw SQLError(
        "55000", "tables can have change streams when all nodes run a program that knows how",
        position: option.position)
    }
    if table.schema == temporarySchema?.id {
      throw SQLError(
        .featureNotSupported, "temporary tables have no change streams", position: option.position)
    }
  }

  /// Fixed when the table first gets a stream: where a key's changes are must not move.
  private func setPartitions(
    _ option: DefinitionOption?, _ table: inout TableDescriptor, _ catalog: CatalogSnapshot
  ) throws(SQLError) {
    let name = ChangeStreamDescriptor.partitionsOption
    let least =
      table.distribution == .globally ? 1 : shard.streamPartitionsMin(of: table.tier, in: catalog)
    if let known = table.options[name] {
      guard let option else { return }
      if String(try Self.number(option, in: 1...Int64(Bucket.count))) == known { return }
      throw Self.partitionsStay(option.position)
    }
    guard let option else {
      if table.options[ChangeStreamDescriptor.option] == "on" {
        table.options[name] = String(least)
      }
      return
    }
    let count = try Self.number(option, in: 1...Int64(Bucket.count))
    guard table.distribution == .globally ? count == 1 : count >= least && count & (count - 1) == 0
    else {
      throw SQLError(
        .invalidParameterValue,
        "change_partitions must be a power of two from \(least) to \(Bucket.count)",
        detail: "A partition lies in one tablet, and the table's tier has so many.",
        position: option.position)
    }
    table.options[name] = String(count)
  }

  private static func partitionsStay(_ position: Int?) -> SQLError {
    SQLError(
      .featureNotSupported, "the partitions of a change stream cannot be changed",
      position: position)
  }

  private static func flag(_ option: DefinitionOption) throws(SQLError) -> Bool {
    switch text(option.value).lowercased() {
    case "on", "true", "yes", "1": return true
    case "off", "false", "no", "0": return false
    default:
      throw SQLError(
        .invalidParameterValue, "invalid value for boolean option \"\(option.name)\"",
        position: option.position)
    }
  }

  private static func number(_ option: DefinitionOption, in range: ClosedRange<Int64>)
    throws(SQLError) -> Int64
  {
    guard let number = Int64(text(option.value)), range.contains(number) else {
      throw SQLError(
        .invalidParameterValue, "invalid value for option \"\(option.name)\"",
        detail: "It must be from \(range.lowerBound) to \(range.upperBound).",
        position: option.position)
    }
    return number
  }

  /// An interval, a number of seconds, or `forever`.
  private static func seconds(_ option: DefinitionOption) throws(SQLError) -> String {
    let text = text(option.value)
    if text == "forever" { return text }
    if let number = Int64(text), number > 0 { return String(number) }
    guard Int64(text) == nil, case .interval(let span) = try TypeIO.parseText(text, as: .interval)
    else { throw tooShort(option) }
    let days = (Int64(span.months) * 30 + Int64(span.days)).multipliedReportingOverflow(by: 86_400)
    let seconds = days.partialValue.addingReportingOverflow(span.microseconds / 1_000_000)
    guard !days.overflow, !seconds.overflow, seconds.partialValue > 0 else {
      throw tooShort(option)
    }
    return String(seconds.partialValue)
  }

  private static func tooShort(_ option: DefinitionOption) -> SQLError {
    SQLError(
      .invalidParameterValue, "\(option.name) must be one second at least",
      hint: "An interval ('7 days'), seconds, or 'forever'.", position: option.position)
  }

  private static func cleanup(_ option: DefinitionOption) throws(SQLError) -> String {
    switch text(option.value) {
    case "delete": return "delete"
    case "compact": return "compact"
    default:
      throw SQLError(
        .invalidParameterValue, "change_cleanup must be delete or compact",
        position: option.position)
    }
  }

  /// The rows of a table that is written anew would all look like changes.
  static func refuseRewrite(_ table: TableDescriptor) throws(SQLError) {
    guard table.changeStream != nil else { return }
    throw SQLError(
      .featureNotSupported,
      "table \"\(table.name)\" has a change stream and cannot be written anew",
      hint: "ALTER TABLE … SET (change_stream = off) first; set it on again afterwards.")
  }
}
