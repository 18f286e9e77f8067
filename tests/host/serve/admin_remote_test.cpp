// An address other machines can reach: TLS, and the token even for reading. And [admin] in the
// configuration.
#include <catch2/catch.hpp>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "host/serve/client.h"
#include "host/serve/running_admin.h"
#include "runtime/config/config.h"

using namespace zomma;
using namespace zomma::test;

namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// A key and a certificate it signs itself, as PEM files.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  const Key key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Freed<X509_free>> certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("host"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  std::FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

// "" when no TLS connection comes about.
std::string ask_tls(std::uint16_t port, const std::string& request,
                    int newest_version = TLS1_3_VERSION) {
  const std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), newest_version);
  const std::unique_ptr<BIO, Freed<BIO_free_all>> stream(BIO_new_ssl_connect(context.get()));
  BIO_set_conn_hostname(stream.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (BIO_do_connect(stream.get()) != 1 || BIO_do_handshake(stream.get()) != 1) return {};
  BIO_write(stream.get(), request.data(), static_cast<int>(request.size()));
  std::string all;
  char block[4096];
  for (int count = 0; (count = BIO_read(stream.get(), block, sizeof block)) > 0;)
    all.append(block, static_cast<std::size_t>(count));
  return all;
}

std::string request(const std::string& line, const std::string& token) {
  return line + " HTTP/1.1\r\nHost: trading.example\r\nConnection: close\r\nContent-Length: 0\r\n" +
         (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
}

AdminOptions remote_options(const TemporaryFolder& folder) {
  AdminOptions options = options_in(folder);
  options.config.listen.address = "0.0.0.0";
  options.config.allow_remote = true;
  options.config.tls_certificate = folder.path() + "/host.pem";
  options.config.tls_key = folder.path() + "/host.key";
  make_certificate(options.config.tls_certificate, options.config.tls_key);
  return options;
}

std::string admin_errors(const std::string& admin) {
  const ConfigResult result = parse_config("[admin]\n" + admin, "t.toml", "/etc/zomma");
  std::string text;
  for (const ConfigError& error : result.errors)
    if (error.key.rfind("admin", 0) == 0) text += format(error) + "\n";
  return text;
}

}  // namespace

TEST_CASE("over TLS both reading and changing need the token") {
  TemporaryFolder folder;
  RunningAdmin admin(folder, remote_options(folder));
  const std::uint16_t port = admin.port();
  CHECK(status_of(ask_tls(port, request("GET /v1/status", ""))) == 401);
  CHECK(status_of(ask_tls(port, request("GET /v1/openapi.json", ""))) == 401);
  CHECK(status_of(ask_tls(port, request("POST /v1/drain", ""))) == 401);
  CHECK(admin.control.asked().empty());
  const std::string status = ask_tls(port, request("GET /v1/status", admin.token()));
  CHECK(status_of(status) == 200);
  CHECK(body_of(status).find("\"fake\"") != std::string::npos);
  CHECK(status_of(ask_tls(port, request("POST /v1/drain", admin.token()))) == 200);
  // The Unix socket stays as it was.
  CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
}

TEST_CASE("an address with TLS answers neither in the clear nor to old versions") {
  TemporaryFolder folder;
  RunningAdmin admin(folder, remote_options(folder));
  CHECK(status_of(admin.over_tcp("GET", "/v1/status", "", admin.token())) == 0);
  CHECK(ask_tls(admin.port(), request("GET /v1/status", admin.token()), TLS1_1_VERSION).empty());
  CHECK(status_of(ask_tls(admin.port(), request("GET /v1/status", admin.token()),
                          TLS1_2_VERSION)) == 200);
}

TEST_CASE("a key that is not the certificate's is refused") {
  TemporaryFolder folder;
  AdminOptions options = remote_options(folder);
  make_certificate(folder.path() + "/other.pem", folder.path() + "/host.key");
  boost::asio::io_context context;
  FakeOperator control;
  const auto server = AdminServer::listen(context, options, control);
  REQUIRE_FALSE(server);
  CHECK(server.error().code == Errc::invalid_argument);
  CHECK(server.error().message.find("host.key") != std::string::npos);
}

TEST_CASE("[admin] is read, with its defaults beside the state") {
  const ConfigResult bare = parse_config("[run]\nstate_dir = \"s\"\n", "t.toml", "/etc/zomma");
  CHECK(bare.config.admin.enabled);
  CHECK(bare.config.admin.socket == "/etc/zomma/s/admin.sock");
  CHECK_FALSE(bare.config.admin.listen.given());
  const ConfigResult full = parse_config(
      "[admin]\nenabled = false\nsocket = \"a.sock\"\nlisten = \"0.0.0.0:9465\"\nallow_remote = "
      "true\n"
      "token_file = \"t\"\ntls_certificate = \"c.pem\"\ntls_key = \"k.pem\"\n",
      "t.toml", "/etc/zomma");
  const AdminConfig& admin = full.config.admin;
  CHECK_FALSE(admin.enabled);
  CHECK(admin.socket == "/etc/zomma/a.sock");
  CHECK(admin.listen == Endpoint{"0.0.0.0", 9465});
  CHECK(admin.token_file == "/etc/zomma/t");
  CHECK(admin.tls_certificate == "/etc/zomma/c.pem");
  CHECK(admin.tls_key == "/etc/zomma/k.pem");
}

TEST_CASE("[admin] refuses an open door") {
  CHECK(admin_errors("listen = \"0.0.0.0:9465\"") ==
        "t.toml:2:10: admin.listen: found the string \"0.0.0.0:9465\", expected a loopback "
        "address, as in "
        "\"127.0.0.1:9465\", or allow_remote = true\n");
  CHECK(admin_errors("listen = \"0.0.0.0:9465\"\nallow_remote = true")
            .find("expected tls_certificate and tls_key with it") != std::string::npos);
  CHECK(
      admin_errors("tls_key = \"k\"").find("expected both tls_certificate and tls_key, or none") !=
      std::string::npos);
  CHECK(admin_errors("tls_certificate = \"k\"").find("both tls_certificate and tls_key") !=
        std::string::npos);
  CHECK(admin_errors("listen = \"127.0.0.1:9465\"").empty());
  CHECK(admin_errors("tokn_file = \"x\"").find("did you mean \"token_file\"?") !=
        std::string::npos);
}
