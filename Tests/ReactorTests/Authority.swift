import Reactor
import Testing

/// A certificate authority of a test, made by openssl.
struct Authority {
  let directory: String
  var certificateFile: String { "\(directory)/ca.pem" }

  init(_ directory: String) throws {
    self.directory = directory
    try openssl(
      """
      mkdir -p \(directory) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -keyout \(directory)/ca.key -out \(directory)/ca.pem -days 2 -subj /CN=authority
      """)
  }

  /// A node's certificate for `names` (as in subjectAltName), and its context; `days` below zero: it has
  /// expired. The same name again replaces the files.
  func context(
    _ name: String, names: String, days: Int = 2, trusting other: Authority? = nil
  ) throws -> TLSContext {
    let file = "\(directory)/\(name)"
    try openssl(
      """
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(file).key \
        -out \(file).csr -subj /CN=\(name) && printf 'subjectAltName=\(names)' >\(file).ext && \
      \(days < 0 ? expiredSigning(file) : signing(file, days))
      """)
    return try TLSContext(
      certificateFile: "\(file).pem", keyFile: "\(file).key",
      authoritiesFile: (other ?? self).certificateFile)
  }

  private func signing(_ file: String, _ days: Int) -> String {
    "openssl x509 -req -in \(file).csr -CA \(directory)/ca.pem -CAkey \(directory)/ca.key "
      + "-CAcreateserial -extfile \(file).ext -out \(file).pem -days \(days)"
  }

  /// `x509` cannot sign for the past with every version; `ca` can.
  private func expiredSigning(_ file: String) -> String {
    "rm -f \(file).index && : >\(file).index && "
      + "printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=\(file).index\\nnew_certs_dir=\(directory)\\n"
      + "rand_serial=yes\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' >\(file).cnf && "
      + "openssl ca -batch -config \(file).cnf -in \(file).csr -cert \(directory)/ca.pem "
      + "-keyfile \(directory)/ca.key -extfile \(file).ext -out \(file).pem -notext "
      + "-startdate 20200101000000Z -enddate 20200102000000Z"
  }

  /// This authority's certificate in the place of the other's.
  func replace(_ other: Authority) throws {
    try openssl("cp \(certificateFile) \(other.certificateFile)")
  }

  private func openssl(_ command: String) throws {
    try #require(shell("{ \(command) ; } >/dev/null 2>&1") == 0)
  }
}
