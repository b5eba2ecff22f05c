import Testing

@testable import Admin

struct HTTPRequestTests {
  /// Cut at each byte: nothing before the last one is a request.
  @Test func pieces() throws {
    let text =
      "POST /subjects/a%2Fb-value?normalize=true&x HTTP/1.1\r\nAccept:\r\ncontent-length: 5\r\n\r\nhello"
    let bytes = Array(text.utf8)
    for cut in 0..<bytes.count {
      #expect(try HTTPRequest(Array(bytes[..<cut])) == nil)
    }
    let request = try #require(try HTTPRequest(bytes))
    #expect(request.method == "POST" && request.path == ["subjects", "a/b-value"])
    #expect(request.query == ["normalize": "true", "x": ""])
    #expect(request.body == Array("hello".utf8))
  }

  @Test func withoutBody() throws {
    #expect(try HTTPRequest(Array("GET /status HTTP/1.0\n\n".utf8))?.path == ["status"])
    #expect(try HTTPRequest(Array("GET / HTTP/1.1\r\n\r\n".utf8))?.path == [])
  }

  @Test(arguments: [
    "GET\r\n\r\n", "GET /status\r\n\r\n", "GET /status FTP/1.1\r\n\r\n",
    "GET status HTTP/1.1\r\n\r\n",
    "GET /%zz HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nwhat\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "\r\n\r\n",
  ])
  func malformed(text: String) {
    #expect(throws: HTTPRequest.Fault.malformed) { try HTTPRequest(Array(text.utf8)) }
  }

  @Test func tooLong() {
    #expect(throws: HTTPRequest.Fault.tooLong) {
      try HTTPRequest(Array(repeating: 65, count: HTTPRequest.headBytesMax + 1))
    }
    #expect(throws: HTTPRequest.Fault.tooLong) {
      try HTTPRequest(Array("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n".utf8))
    }
  }
}
