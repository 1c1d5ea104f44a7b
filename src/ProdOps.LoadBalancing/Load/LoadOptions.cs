using System.Net.Security;

namespace ProdOps.LoadBalancing.Load;

/// <summary>What is asked, how often and for how long.</summary>
internal sealed record LoadOptions
{
    /// <summary>An absolute address of http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>A host or address to connect to in the place of the URL's.</summary>
    public string? ConnectTo { get; init; }

    /// <summary>The Host header, and the name that a certificate must have; <see langword="null"/> for the URL's.</summary>
    public string? HostName { get; init; }

    /// <summary>GET, HEAD, POST or PUT.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>How many bytes the body of a POST or PUT has; it begins with the request's id, which needs <see cref="RequestId.Length"/>.</summary>
    public int BodySize { get; init; } = RequestId.Length;

    /// <summary>Requests a second, sent whether or not those before were answered; <see langword="null"/> for one after the other on each connection, as fast as they are answered.</summary>
    public double? Rate { get; init; } = 100;

    /// <summary>How many connections there are at most: how many requests can be under way.</summary>
    public int Connections { get; init; } = 20;

    /// <summary>How many requests are sent at most.</summary>
    public long Requests { get; init; } = long.MaxValue;

    /// <summary>For how long requests are sent at most.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer may take from when its request was due, connecting and waiting for a free connection included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection for each request.</summary>
    public bool Close { get; init; }

    /// <summary>A text that the beginning of each answer's body must hold; <see langword="null"/> for any answer.</summary>
    public string? Contains { get; init; }

    /// <summary>Headers of answers that name who answered.</summary>
    public IReadOnlyList<string> ServerHeaders { get; init; } = ["X-Served-By", "X-Backend-Server", "X-Server"];

    /// <summary>A cookie of answers that names who answered.</summary>
    public string? ServerCookie { get; init; }

    /// <summary>How certificates are judged.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }
}

/// <summary>How requests are told apart: each has an id in its X-Request-Id header, and POST and PUT at the beginning of the body too.</summary>
internal static class RequestId
{
    /// <summary>How many bytes an id has.</summary>
    public const int Length = 23;

    private const int RunLength = 12;

    /// <summary>What the ids of a run begin with, which no other run's do.</summary>
    public static string NewRun() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(RunLength / 2));

    /// <summary>The id of a run's request by its number, e.g. <c>5f0c9a12de77-0000000042</c>.</summary>
    public static string Of(string run, long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{run}-{number:D10}");

    /// <summary>Writes a number over that of an id.</summary>
    public static void Renumber(Span<byte> id, long number) => System.Buffers.Text.Utf8Formatter.TryFormat(number, id[(RunLength + 1)..], out _, new('D', 10));
}
