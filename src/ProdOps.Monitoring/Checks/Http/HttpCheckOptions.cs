using System.Text.RegularExpressions;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks.Http;

/// <summary>What is asked of a web address and what it must answer.</summary>
internal sealed record HttpCheckOptions
{
    /// <summary>An absolute address of http or https.</summary>
    public required Uri Url { get; init; }

    public string Method { get; init; } = "GET";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The request's body; <see langword="null"/> for none.</summary>
    public string? Body { get; init; }

    /// <summary>Who asks, where the address does not say it (RFC 7617).</summary>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>The lowest and the highest status that is good.</summary>
    public (int Lowest, int Highest) Status { get; init; } = (200, 299);

    /// <summary>A text that the answer's body must hold.</summary>
    public string? Contains { get; init; }

    /// <summary>An expression that the answer's body must match.</summary>
    public Regex? Matches { get; init; }

    /// <summary>A host or address to connect to in the place of the URL's, to ask one of several that are behind it.</summary>
    public string? ConnectTo { get; init; }

    /// <summary>How long everything may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many seconds are a warning, and how many are critical.</summary>
    public Limits Seconds { get; init; } = new(3, null);

    /// <summary>How many days before it expires a certificate is a warning, and how many critical.</summary>
    public Limits CertificateDays { get; init; } = new(21, 7);

    /// <summary>The PEM file of the authorities to believe; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>How much of the body is read.</summary>
    public int MaximumBody { get; init; } = 1024 * 1024;
}
