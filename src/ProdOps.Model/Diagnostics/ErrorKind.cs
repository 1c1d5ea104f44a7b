namespace ProdOps;

/// <summary>What sort of thing went wrong; PowerShell shows it as the error's category.</summary>
public enum ErrorKind
{
    /// <summary>Something failed that no other value names.</summary>
    NotSpecified,

    /// <summary>The thing that was named does not exist.</summary>
    NotFound,

    /// <summary>The thing to be made is already there.</summary>
    AlreadyExists,

    /// <summary>An argument or a setting cannot be used as given.</summary>
    InvalidArgument,

    /// <summary>Stored data is damaged or is not what it claims to be.</summary>
    InvalidData,

    /// <summary>The operation does not fit the state things are in.</summary>
    InvalidOperation,

    /// <summary>Proof of identity was missing or wrong: a password, a key.</summary>
    Authentication,

    /// <summary>The operating system or the server refused access.</summary>
    PermissionDenied,

    /// <summary>Somebody else holds the thing: a lock, an open file.</summary>
    ResourceBusy,

    /// <summary>The thing is there and cannot be reached or has run out: a network, a disk.</summary>
    ResourceUnavailable,

    /// <summary>Reading failed.</summary>
    ReadError,

    /// <summary>Writing failed.</summary>
    WriteError,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>This system or this version cannot do it.</summary>
    NotSupported,
}
