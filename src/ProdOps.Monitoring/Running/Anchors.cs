using System.Net.NetworkInformation;
using System.Net.Sockets;
using ProdOps.Monitoring.Checks;

namespace ProdOps.Monitoring.Running;

/// <summary>
/// Places that have nothing to do with the servers. One that never answered says nothing: a gateway need not answer at all. Only that all are silent
/// which did answer before speaks for this machine being cut off.
/// </summary>
internal sealed class Anchors(IReadOnlyList<IHealthCheck> checks, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5), Again = TimeSpan.FromMinutes(5);

    private readonly bool[] _known = new bool[checks.Count];
    private long? _asked;
    private bool? _answer;

    /// <summary>This machine's gateways, where nothing else is named.</summary>
    public static IReadOnlyList<IHealthCheck> Default(TimeProvider time)
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces().Where(static one => one.OperationalStatus == OperationalStatus.Up).SelectMany(static one => one.GetIPProperties().GatewayAddresses)
                    .Select(static gateway => gateway.Address)
                    .Where(static address => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6).Distinct()
                    .Select(address => new PingCheck(new CheckSubject(address.ToString(), "ping"), address.ToString(), new PingCheckOptions { Timeout = TimeSpan.FromSeconds(2) }, time)),
            ];
        }
        catch (Exception error) when (error is NetworkInformationException or PlatformNotSupportedException)
        {
            return [];
        }
    }

    /// <summary>Whether it is time to find out which of them answer while all is well.</summary>
    public bool IsDue => checks.Count > 0 && (_asked is not { } asked || time.GetElapsedTime(asked) >= Again);

    /// <summary>Whether any answers; <see langword="null"/> where there is none that ever did.</summary>
    public async Task<bool?> AskAsync(CancellationToken cancellationToken)
    {
        if (checks.Count == 0) return null;
        if (_asked is { } asked && time.GetElapsedTime(asked) < Fresh) return _answer;
        var answers = await Task.WhenAll(checks.Select(check => IsWellAsync(check, cancellationToken))).ConfigureAwait(false);
        for (int i = 0; i < answers.Length; i++) _known[i] |= answers[i];
        _asked = time.GetTimestamp();
        return _answer = answers.Contains(true) ? true : _known.Contains(true) ? false : null;
    }

    private static async Task<bool> IsWellAsync(IHealthCheck check, CancellationToken cancellationToken) =>
        (await check.RunAsync(cancellationToken).ConfigureAwait(false)).All(static result => result.State is HealthState.OK or HealthState.Warning);
}
