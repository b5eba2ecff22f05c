import Base
import Node
import Types

/// What a session learns of a request while it runs, beside its result. Only where the client has asked for
/// some of it. Lives on: the session's shard.
final class RequestNotes {
  /// Nil: the request is not traced.
  let trace: Trace?
  /// Of the one partition that the request is about; nil: it is about several, or none.
  private(set) var bucket: Bucket?
  private var isAmbiguous = false

  init(trace: Trace?) { self.trace = trace }

  func concerns(_ bucket: Bucket) {
    if self.bucket == nil, !isAmbiguous {
      self.bucket = bucket
      return
    }
    if self.bucket != bucket {
      isAmbiguous = true
      self.bucket = nil
    }
  }
}

/// What stands before the body of a reply.
struct ReplyExtras {
  var traceID: UUIDValue?
  var payload: [(name: String, value: [UInt8])] = []

  var flags: FrameHeader.Flags {
    var flags: FrameHeader.Flags = []
    if traceID != nil { flags.insert(.tracing) }
    if !payload.isEmpty { flags.insert(.customPayload) }
    return flags
  }

  /// The trace's id comes first, then the payload.
  var bytes: [UInt8] {
    var out = BodyWriter()
    if let traceID {
      out.number(traceID.high, 8)
      out.number(traceID.low, 8)
    }
    if !payload.isEmpty {
      out.short(payload.count)
      for item in payload {
        out.string(item.name)
        out.bytes(item.value)
      }
    }
    return out.bytes
  }
}
