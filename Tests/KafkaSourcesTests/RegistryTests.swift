import Testing
import Types

@testable import KafkaSources

struct RegistryTests {
  @Test func addresses() throws {
    let plain = try RegistryAddress("http://host:8081/")
    #expect(plain.host == "host" && plain.port == 8_081 && plain.path.isEmpty)
    let whole = try RegistryAddress("http://a:b%40c@[::1]/x/y/")
    #expect(whole.host == "::1" && whole.port == 80 && whole.path == "/x/y")
    #expect(whole.authorization == "Basic YTpiQGM=")
    let request = String(decoding: whole.request(12), as: UTF8.self)
    #expect(request.hasPrefix("GET /x/y/schemas/ids/12 HTTP/1.1\r\nHost: [::1]:80\r\n"))
    #expect(request.hasSuffix("\r\n\r\n"))
  }

  @Test(arguments: [
    "", "host:1", "ftp://host", "https://host", "http://", "http://h/?a=b", "http://h:0",
  ])
  func badAddresses(text: String) {
    #expect(throws: SQLError.self) { try RegistryAddress(text) }
  }

  /// Cut at each byte.
  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nhello",
  ])
  func answers(text: String) throws {
    let bytes = Array(text.utf8)
    for cut in 0..<bytes.count {
      var answer = HTTPAnswer()
      var body = cut == 0 ? nil : try answer.take(Array(bytes[..<cut]))
      if body == nil { body = try answer.take(Array(bytes[cut...])) }
      if body == nil { body = try answer.take([]) }
      #expect(body == Array("hello".utf8) && answer.status == 200)
    }
  }

  @Test(arguments: [
    "", "HTTP/2", "hello\r\n\r\n", "HTTP/1.1 x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n",
    "HTTP/1.1 200 OK\r\nwhat\r\n\r\n",
  ])
  func badAnswers(text: String) {
    #expect(throws: HTTPAnswer.Fault.self) {
      var answer = HTTPAnswer()
      _ = try answer.take(Array(text.utf8))
      _ = try answer.take([])
    }
  }
}
