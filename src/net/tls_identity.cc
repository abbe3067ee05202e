#include "net/tls_identity.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <ctime>

#include "base/ip.h"
#include "base/text.h"

namespace weir::net {

namespace {

TlsHandle<BIO> open_text(std::string_view text) {
    return TlsHandle<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// No terminal is asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

std::vector<TlsHandle<X509>> read_certificates(std::string_view pem) {
    std::vector<TlsHandle<X509>> all;
    const TlsHandle<BIO> text = open_text(pem);
    while (X509* one = PEM_read_bio_X509_AUX(text.get(), nullptr, no_passphrase, nullptr)) all.emplace_back(one);
    ERR_clear_error();  // of the end
    return all;
}

std::chrono::sys_seconds wall_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

std::string text_of_address(const ASN1_OCTET_STRING* bytes) {
    const unsigned char* raw = ASN1_STRING_get0_data(bytes);
    const int size = ASN1_STRING_length(bytes);
    if (size == 4) return Ip::v4({raw[0], raw[1], raw[2], raw[3]}).text();
    if (size != 16) return {};
    Ip::Bytes v6;
    std::memcpy(v6.data(), raw, v6.size());
    return Ip(v6).text();
}

std::string host_of(const ASN1_STRING* string) {
    const auto* raw = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
    std::string host(raw, static_cast<size_t>(ASN1_STRING_length(string)));
    for (char& c : host) c = lower(c);
    if (!host.empty() && host.back() == '.') host.pop_back();
    return host.find('\0') == std::string::npos ? host : std::string();
}

void read_names(X509* certificate, TlsNames& names) {
    bool any = false;
    auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
        std::string text;
        if (name->type == GEN_DNS) text = host_of(name->d.dNSName);
        if (name->type == GEN_IPADD) text = text_of_address(name->d.iPAddress);
        if (text.empty()) continue;
        names.add(text);
        any = true;
    }
    GENERAL_NAMES_free(all);
    if (any) return;
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return;
    const std::string common = host_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (!common.empty()) names.add(common);
}

bool add_names(X509* certificate, const TlsNames& names) {
    std::string list;
    for (const std::string& name : names.all()) {
        if (!list.empty()) list += ',';
        list += (Ip::parse(name) ? "IP:" : "DNS:") + name;
    }
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, list.c_str());
    const bool added = made != nullptr && X509_add_ext(certificate, made, -1) == 1;
    X509_EXTENSION_free(made);
    return added;
}

}  // namespace

Result<TlsIdentity> TlsIdentity::parse(std::string_view chain, std::string_view key) {
    TlsIdentity identity;
    identity.chain_ = read_certificates(chain);
    if (identity.chain_.empty()) return fail("holds no certificate in PEM");
    const TlsHandle<BIO> text = open_text(key);
    ERR_clear_error();
    identity.key_.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
    if (identity.key_ == nullptr) {
        const bool locked = key.find("ENCRYPTED") != std::string_view::npos;
        ERR_clear_error();
        return fail(locked ? "the key wants a passphrase; expected one without" : "the key is no private key in PEM");
    }
    if (X509_check_private_key(identity.certificate(), identity.key()) != 1) {
        ERR_clear_error();
        return fail("the key does not fit the certificate");
    }
    identity.look_at_certificate();
    return identity;
}

void TlsIdentity::look_at_certificate() {
    read_names(certificate(), names_);
    not_before_ = wall_of(X509_get0_notBefore(certificate()));
    not_after_ = wall_of(X509_get0_notAfter(certificate()));
}

int TlsIdentity::kind() const {
    return EVP_PKEY_get_base_id(key_.get());
}

Result<TlsIdentity> TlsIdentity::self_signed(const TlsNames& names, WallTime now) {
    constexpr std::chrono::hours kYear(24 * 365);
    TlsIdentity identity;
    identity.key_.reset(EVP_EC_gen("P-256"));
    X509* const made = X509_new();
    identity.chain_.emplace_back(made);
    const std::time_t begin = std::chrono::system_clock::to_time_t(now - std::chrono::hours(1));
    uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    X509_NAME* const name = X509_get_subject_name(made);
    const auto* common = reinterpret_cast<const unsigned char*>("weir");
    const bool fine = identity.key_ != nullptr && X509_set_version(made, X509_VERSION_3) == 1 &&
                      ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1) == 1 &&
                      ASN1_TIME_set(X509_getm_notBefore(made), begin) != nullptr &&
                      ASN1_TIME_set(X509_getm_notAfter(made), begin + std::chrono::seconds(kYear).count()) != nullptr &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
                      X509_set_issuer_name(made, name) == 1 && X509_set_pubkey(made, identity.key()) == 1 &&
                      add_names(made, names) && X509_sign(made, identity.key(), EVP_sha256()) > 0;
    if (!fine) return fail(std::string("no certificate can be made: ") + tls_error());
    identity.look_at_certificate();
    return identity;
}

Result<TlsAuthorities> TlsAuthorities::parse(std::string_view pem) {
    TlsAuthorities authorities;
    authorities.certificates_ = read_certificates(pem);
    if (authorities.certificates_.empty()) return fail("holds no certificate in PEM");
    return authorities;
}

}  // namespace weir::net
