"""An authority and certificates for nodes, made by openssl."""

import os
import subprocess

P256 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    def __init__(self, directory):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.certificate = f"{self.directory}/ca.pem"
        openssl("req", "-x509", *P256, "-keyout", f"{self.directory}/ca.key", "-out", self.certificate,
                "-days", "2", "-subj", "/CN=authority")

    def sign(self, name, names="IP:127.0.0.1"):
        """A certificate for `names`, as in subjectAltName; the same name again replaces the files."""
        file = f"{self.directory}/{name}"
        openssl("req", *P256, "-keyout", f"{file}.key", "-out", f"{file}.csr", "-subj", f"/CN={name}")
        with open(f"{file}.ext", "w") as out:
            out.write(f"subjectAltName={names}")
        openssl("x509", "-req", "-in", f"{file}.csr", "-CA", self.certificate, "-CAkey",
                f"{self.directory}/ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{file}.ext",
                "-out", f"{file}.pem")
        return f"{file}.pem", f"{file}.key"

    def options(self, name, names="IP:127.0.0.1"):
        """A node's options."""
        certificate, key = self.sign(name, names)
        return ["--rpc-tls-cert", certificate, "--rpc-tls-key", key, "--rpc-tls-ca", self.certificate]
