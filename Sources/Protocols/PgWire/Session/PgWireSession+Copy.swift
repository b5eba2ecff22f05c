import SQL
import Types

/// The data of COPY, in both directions (PostgreSQL 15, chapter 55.2.6).
extension PgWireSession {
  func copy(_ transfer: CopyTransfer) async throws(SQLError) {
    switch transfer {
    case .in(let copy): try await receive(copy)
    case .out(let copy): try await send(copy)
    }
  }

  private func response(_ type: MessageType, isBinary: Bool, columns: Int) {
    output.message(type) {
      $0.bytes.append(isBinary ? 1 : 0)
      $0.int16(columns)
      for _ in 0..<columns { $0.int16(isBinary ? 1 : 0) }
    }
  }

  private func send(_ copy: CopyOut) async throws(SQLError) {
    response("H", isBinary: copy.isBinary, columns: copy.columnCount)
    while let pieces = try await copy.next() {
      for piece in pieces {
        output.message("d") { $0.bytes += piece }
        guard await sendChunk() else { return }
      }
    }
    output.message("c")
    output.commandComplete("COPY \(copy.rowCount)")
  }

  /// Takes messages until the client is done. After an error the rest of its data is ignored by the
  /// main loop, as in PostgreSQL.
  private func receive(_ copy: CopyIn) async throws(SQLError) {
    response("G", isBinary: copy.isBinary, columns: copy.columnCount)
    while true {
      let message: FrontendMessage
      do throws(SessionEnd) {
        message = try await nextMessage()
      } catch {
        // The connection is gone, or its bytes are not of the protocol: the main loop meets that too.
        throw copy.abandon("the connection was lost")
      }
      switch message {
      case .copyData(let bytes): try await copy.append(bytes)
      case .copyDone: return output.commandComplete(try await copy.finish())
      case .copyFail(let reason): throw copy.abandon(reason)
      case .flush, .sync: continue
      default:
        throw copy.abandon("unexpected message type during COPY from stdin")
      }
    }
  }
}
