namespace ProdOps;

/// <summary>How a user of SNMP version 3 proves who it is.</summary>
public enum SnmpAuthentication
{
    /// <summary>HMAC with SHA-256.</summary>
    Sha256,

    /// <summary>HMAC with SHA-384.</summary>
    Sha384,

    /// <summary>HMAC with SHA-512.</summary>
    Sha512,

    /// <summary>HMAC with SHA-1, which older agents call SHA.</summary>
    Sha1,

    /// <summary>HMAC with MD5, for what knows nothing better.</summary>
    Md5,
}

/// <summary>How what a user of SNMP version 3 asks and is answered is encrypted.</summary>
public enum SnmpPrivacy
{
    /// <summary>AES with 128 bits.</summary>
    Aes,

    /// <summary>DES, for what knows nothing better.</summary>
    Des,

    /// <summary>Not at all.</summary>
    None,
}
