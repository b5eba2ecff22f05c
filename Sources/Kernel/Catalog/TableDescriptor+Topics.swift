import Foundation

extension TopicDefinition {
  /// Of the table, in the order of their names.
  public static func all(of table: TableDescriptor) -> [TopicDefinition] {
    table.options.filter { $0.key.hasPrefix(optionPrefix) }.sorted { $0.key < $1.key }
      .compactMap { definition($0.value) }
  }

  /// Nil: it was written by a newer program, in a form that is not known here.
  private static func definition(_ text: String) -> TopicDefinition? {
    do {
      return try JSONDecoder().decode(TopicDefinition.self, from: Data(text.utf8))
    } catch {
      return nil
    }
  }
}

extension TableDescriptor {
  /// Adds the topic, or replaces the one of its name.
  public mutating func put(topic: TopicDefinition) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data: Data
    do {
      data = try encoder.encode(topic)
    } catch {
      fatalError("invariant: a topic's definition has no JSON: \(error)")
    }
    options[TopicDefinition.optionPrefix + topic.name] = String(decoding: data, as: UTF8.self)
    options[TopicDefinition.lastNumberOption] = "\(max(lastTopicNumber, topic.number))"
  }

  public mutating func remove(topic name: String) {
    options[TopicDefinition.optionPrefix + name] = nil
  }

  /// Numbers of topics are not given again.
  public var lastTopicNumber: UInt32 {
    options[TopicDefinition.lastNumberOption].flatMap { UInt32($0) } ?? 0
  }
}
