import Base
import Testing

@testable import RESP

struct BitsTests {
  private static func random(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var random = Xoshiro256(seed: seed)
    return (0..<count).map { _ in
      [0, 0xFF, UInt8.random(in: 0...255, using: &random)][Int.random(in: 0..<3, using: &random)]
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func countsAndFindsAsBitByBit(seed: UInt64) {
    let bytes = Self.random(seed, 27)
    var random = Xoshiro256(seed: seed + 100)
    for _ in 0..<50 {
      let first = Int.random(in: 0..<bytes.count * 8, using: &random)
      let range = first..<Int.random(in: first...bytes.count * 8, using: &random)
      let set = range.filter { Bits.isSet(bytes, $0) }
      #expect(Bits.count(bytes, range) == set.count)
      #expect(Bits.first(bytes, true, range) == set.first)
      #expect(Bits.first(bytes, false, range) == range.first { !Bits.isSet(bytes, $0) })
    }
  }

  @Test func numbersComeBack() {
    var bytes = Self.random(3, 24)
    let before = bytes
    Bits.setNumber(&bytes, 13, width: 37, 0x12_3456_789A)
    #expect(Bits.number(bytes, 13, width: 37) == 0x12_3456_789A)
    for bit in 0..<192 where !(13..<50).contains(bit) {
      #expect(Bits.isSet(bytes, bit) == Bits.isSet(before, bit))
    }
  }

  @Test func fieldsOverflow() {
    let (i8, u8) = (
      BitField.Kind(isSigned: true, width: 8), BitField.Kind(isSigned: false, width: 8)
    )
    #expect(i8.fit(128, .wrap) == -128)
    #expect(i8.fit(128, .saturate) == 127)
    #expect(i8.fit(-129, .wrap) == 127)
    #expect(i8.fit(-129, .saturate) == -128)
    #expect(i8.fit(128, .fail) == nil)
    #expect(u8.fit(256, .wrap) == 0)
    #expect(u8.fit(-1, .wrap) == 255)
    #expect(u8.fit(-1, .saturate) == 0)
    #expect(u8.fit(u8.given(-1), .saturate) == 255)
    let i64 = BitField.Kind(isSigned: true, width: 64)
    #expect(i64.fit(Int128(Int64.max) + 1, .wrap) == .min)
    #expect(i64.number(UInt64.max) == -1)
  }
}

struct SubsequenceTests {
  @Test func theLongestIsFound() {
    let lcs = LongestCommonSubsequence(Array("ohmytext".utf8), Array("mynewtext".utf8))
    #expect(lcs.length == 6)
    let (text, matches) = lcs.trace()
    #expect(text == Array("mytext".utf8))
    #expect(matches == [.init(a: 4...7, b: 5...8), .init(a: 2...3, b: 0...1)])
    #expect(LongestCommonSubsequence([], [1]).length == 0)
  }
}
