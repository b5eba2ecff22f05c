import Catalog
import Syntax
import Types

/// WITH (redis_key = 'user:{id}'): rows of the table are keys of Redis' clients.
extension SQLSession {
  static let redisKeyOption = "redis_key"

  func checkRedisKey(_ pattern: String, _ table: TableDescriptor) throws(SQLError) {
    guard let check = environment.checkRedisKey else {
      throw SQLError(.featureNotSupported, "there are no Redis clients here to use redis_key")
    }
    try check(pattern, table)
  }
}
