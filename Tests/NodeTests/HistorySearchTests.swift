import Base
import Catalog
import Testing

@testable import Node

private typealias Wish = ReadStream.Wish

private let wish = Wish.records(from: 40, maxBytes: 1 << 20, waitMilliseconds: 0)

/// Of a replica with records from `earliest` to `next`, one of them the wanted one if `has`.
private func answer(_ earliest: Int64, _ next: Int64, has: Bool = false) throws -> StreamAnswer {
  var answer = StreamAnswer(
    position: StreamPosition(earliest: earliest, next: next, term: Term(rawValue: 3)))
  answer.elders = [NodeID(rawValue: 9)]
  if has {
    var batch = ChangeBatch(first: 40, newestBefore: .zero, termBefore: .zero)
    [UInt8(1)].withUnsafeBytes { key in
      batch.add(
        ChangeRecordCodec.Source(
          operation: .insert, key: key, before: nil, after: key, timestamp: Timestamp(rawValue: 1),
          transaction: TransactionID(rawValue: 1), origin: 0, term: Term(rawValue: 2),
          tableVersion: 1))
    }
    _ = try batch.read(from: 40, maxBytes: .max, into: &answer.records)
  } else {
    answer.isOutOfRange = true
  }
  return answer
}

private func search(_ answers: [ReadStream.Answer]) -> HistorySearch {
  var search = HistorySearch(before: 100)
  for answer in answers { search.add(answer) }
  return search
}

@Suite struct HistorySearchTests {
  @Test("older records: who is away may have them")
  func away() throws {
    let away = ReadStream.Answer.failure(.leaderChanged)
    let all: [[ReadStream.Answer]] = [
      [], [.success(try answer(100, 200))], [.success(try answer(60, 200))],
    ]
    for others in all {
      for wish in [wish, .position, .time(Timestamp(rawValue: 5)), .term(Term(rawValue: 2))] {
        #expect(throws: FollowError.self) { try search(others + [away]).result(for: wish) }
        #expect(throws: FollowError.self) { try search([away] + others).result(for: wish) }
      }
    }
  }

  @Test("older records: who has not come as far may get them")
  func lagging() throws {
    let lagging = ReadStream.Answer.success(try answer(10, 30))
    #expect(throws: FollowError.self) { try search([lagging]).result(for: wish) }
    #expect(throws: FollowError.self) { try search([lagging]).result(for: .position) }
    let nothing = ReadStream.Answer.success(try answer(0, 0))
    #expect(throws: FollowError.self) { try search([nothing]).result(for: .position) }
  }

  @Test("older records: those that are found are given, whoever is away")
  func found() throws {
    let all: [ReadStream.Answer] = [
      .failure(.leaderChanged), .success(try answer(60, 200)),
      .success(try answer(30, 70, has: true)), .success(try answer(20, 35)),
    ]
    for order in [all, all.reversed()] {
      let result = try search(order).result(for: wish)
      #expect(result?.records.firstOffset == 40)
      #expect(result?.position.earliest == 20)
      #expect(result?.elders == [])
    }
  }

  @Test("older records: where all have told, the oldest one's beginning is the stream's")
  func nobodyElse() throws {
    #expect(try search([]).result(for: .position) == nil)
    #expect(try search([.success(try answer(100, 100))]).result(for: wish) == nil)
    let all: [ReadStream.Answer] = [
      .success(try answer(60, 200)), .success(try answer(50, 100)), .success(try answer(150, 160)),
    ]
    let result = try search(all).result(for: wish)
    #expect(result?.position.earliest == 50 && result?.isOutOfRange == true)
    #expect(try search(all).result(for: .position)?.position.earliest == 50)
  }
}
