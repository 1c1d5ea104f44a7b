namespace ProdOps;

/// <summary>A file, or a symbolic link, as a recovery plan wants it. It has one of <see cref="Content"/>, <see cref="Source"/>, <see cref="Secret"/> and <see cref="Link"/>.</summary>
public sealed record RecoveryFile
{
    /// <summary>Its full path on the server.</summary>
    public required string Path { get; init; }

    /// <summary>Its content as text (UTF-8).</summary>
    public string? Content { get; init; }

    /// <summary>A file of this machine with its content; a relative path is below the folder of the plan's file.</summary>
    public string? Source { get; init; }

    /// <summary>Where its content comes from when it is a secret.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>What a symbolic link points at.</summary>
    public string? Link { get; init; }

    /// <summary>Permissions as four octal digits; <see langword="null"/>: 0644, and 0600 for a secret; those it has if it is there.</summary>
    public string? Mode { get; init; }

    /// <summary>The user that owns it; <see langword="null"/> leaves it.</summary>
    public string? Owner { get; init; }

    /// <summary>Its group; <see langword="null"/> leaves it.</summary>
    public string? Group { get; init; }

    /// <summary>The path.</summary>
    /// <returns><see cref="Path"/>.</returns>
    public override string ToString() => Path;
}

/// <summary>A folder as a recovery plan wants it.</summary>
public sealed record RecoveryDirectory
{
    /// <summary>Its full path on the server.</summary>
    public required string Path { get; init; }

    /// <summary>Permissions as four octal digits; <see langword="null"/>: 0755; those it has if it is there.</summary>
    public string? Mode { get; init; }

    /// <summary>The user that owns it; <see langword="null"/> leaves it.</summary>
    public string? Owner { get; init; }

    /// <summary>Its group; <see langword="null"/> leaves it.</summary>
    public string? Group { get; init; }

    /// <summary>The path.</summary>
    /// <returns><see cref="Path"/>.</returns>
    public override string ToString() => Path;
}

/// <summary>A group as a recovery plan wants it.</summary>
public sealed record RecoveryGroup
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its number; <see langword="null"/> for the next that is free.</summary>
    public long? Id { get; init; }

    /// <summary>Whether it is one of the system's.</summary>
    public bool System { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>A user as a recovery plan wants it. What is <see langword="null"/> is left as it is, and for a new user as the system has it.</summary>
public sealed record RecoveryUser
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The number.</summary>
    public long? Id { get; init; }

    /// <summary>The main group.</summary>
    public string? Group { get; init; }

    /// <summary>Further groups that the user must be in; others are left.</summary>
    public IReadOnlyList<string> Groups { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The home folder, which is made for a new user.</summary>
    public string? Home { get; init; }

    /// <summary>The shell.</summary>
    public string? Shell { get; init; }

    /// <summary>Name and what else is told about the user.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether it is one of the system's.</summary>
    public bool System { get; init; }

    /// <summary>Where the hash of the password, as <c>/etc/shadow</c> has it, comes from.</summary>
    public SecretReference? PasswordHash { get; init; }

    /// <summary>Lines that must be in the user's authorized_keys; others are left.</summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
