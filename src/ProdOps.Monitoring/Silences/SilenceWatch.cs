using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Silences;

/// <summary>
/// Asks an Alertmanager for its silences, again and again. One that does not answer changes nothing: what was silent stays so until it was to end.
/// </summary>
internal sealed class SilenceWatch : IDisposable
{
    private const string Alerts = "/api/v2/alerts";

    private readonly EngineHttp _http;
    private readonly string _environment;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private bool _isAway;

    public SilenceWatch(EngineOptions options, string environment, TimeSpan interval, TimeProvider time, IActivity activity)
    {
        (_environment, _interval, _time, _activity) = (environment, interval, time, activity);
        _http = new EngineHttp(options);
    }

    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(30);

    /// <summary>The Alertmanager.</summary>
    public string Source => _http.Location;

    /// <summary>Those of an environment's channels, each Alertmanager once. One that is described wrong is told as a channel, and stops nothing.</summary>
    public static IReadOnlyList<SilenceWatch> Of(IEnumerable<NotificationChannel> channels, ISecretVault? vault, string environment, TimeProvider time, IActivity activity)
    {
        var watches = new List<SilenceWatch>();
        foreach (var channel in channels)
        {
            try
            {
                if (OptionsOf(channel, vault) is { } options && !watches.Exists(watch => watch.Source == options.Url.AbsoluteUri.TrimEnd('/'))) watches.Add(new SilenceWatch(options, environment, UsualInterval, time, activity));
            }
            catch (ProdOpsException error)
            {
                activity.Warning(error.Message);
            }
        }

        return watches;
    }

    /// <summary>How the Alertmanager of a channel is asked; <see langword="null"/> for a channel that is none, or whose address is a secret.</summary>
    /// <exception cref="ProdOpsException">The address is none.</exception>
    public static EngineOptions? OptionsOf(NotificationChannel channel, ISecretVault? vault)
    {
        if (!IsAlertmanager(channel) || channel.SecretTarget is not null) return null;
        string url = channel.Target.TrimEnd('/');
        var place = Uri.TryCreate(url, UriKind.Absolute, out var target) && target.UserInfo.Length > 0 ? null : EngineOptions.Place(url.EndsWith(Alerts, StringComparison.Ordinal) ? url[..^Alerts.Length] : url);
        return place is null ? null : new EngineOptions
        {
            Url = place,
            User = channel.User,
            Password = channel.Password is { } password ? SecretSource.From(password, vault) : null,
            Token = channel.Token is { } token ? SecretSource.From(token, vault) : null,
            CaCertificate = channel.CaCertificate,
            Timeout = channel.Timeout,
        };
    }

    public static bool IsAlertmanager(NotificationChannel channel) => channel is { Kind: NotificationChannelKind.Webhook, Template: WebhookTemplate.Alertmanager, Body: null };

    /// <summary>Asks once.</summary>
    /// <returns><see langword="null"/> where there is no answer, which is told when it begins.</returns>
    public async Task<IReadOnlyList<Downtime>?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _http.GetAsync("/api/v2/silences", [], cancellationToken).ConfigureAwait(false);
            var silences = SilenceReader.Read(Source, answer, _environment, odd =>
            {
                if (_told.Add(odd)) _activity.Warning(odd);
            });
            if (_isAway) _activity.Verbose($"The Alertmanager at {Source} answers again.");
            _isAway = false;
            return silences;
        }
        catch (ProdOpsException error)
        {
            if (!_isAway) _activity.Warning($"Silences cannot be asked for: {error.Message} Those that are known hold until they were to end.");
            _isAway = true;
            return null;
        }
    }

    /// <summary>Asks until it is called off.</summary>
    /// <param name="take">Takes in what there is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<string, IReadOnlyList<Downtime>> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } silences) take(Source, silences);
            await Task.Delay(_interval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();
}
