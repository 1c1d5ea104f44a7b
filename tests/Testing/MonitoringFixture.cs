using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace ProdOps.Testing;

/// <summary>
/// Fills a store of monitoring through the engine of the built module, which a test that references nothing of it reaches by reflection. The engine must be loaded: a cmdlet that looked for
/// a store has done that.
/// </summary>
internal sealed class MonitoringFixture : IDisposable
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private readonly Assembly _engine = Find("ProdOps.Monitoring"), _model = Find("ProdOps.Model");
    private readonly object _store;

    /// <param name="folder">The store's folder, which is made.</param>
    public MonitoringFixture(string folder)
    {
        object silent = _model.GetType("ProdOps.SilentActivity")!.GetProperty("Instance")!.GetValue(null)!;
        _store = _engine.GetType("ProdOps.Monitoring.Store.MetricStore")!.GetMethod("Open", Any)!.Invoke(null, [Path.Combine(folder, "metrics.db"), TimeProvider.System, silent, false])!;
    }

    /// <summary>How many events there are, which is the number of the last.</summary>
    public long Events => (long)Get(Call(_store, "Facts")!, "Events");

    /// <summary>Keeps a series: a value every so many minutes, the last of them now.</summary>
    public void AddSamples(string server, string name, string? instance, string unit, int count, int minutes, Func<int, double> value)
    {
        var type = _model.GetType("ProdOps.MetricSample")!;
        var now = TimeProvider.System.GetUtcNow();
        var samples = Array.CreateInstance(type, count);
        for (int i = 0; i < count; i++)
        {
            object sample = Activator.CreateInstance(type)!;
            foreach (var (property, held) in new (string, object?)[] { ("Server", server), ("Name", name), ("Instance", instance), ("Unit", unit), ("Value", value(i)), ("Time", now.AddMinutes((double)minutes * (i + 1 - count))) })
                type.GetProperty(property)!.SetValue(sample, held);
            samples.SetValue(sample, i);
        }

        Call(_store, "Append", samples);
    }

    /// <summary>Keeps an event.</summary>
    /// <param name="time">When it was.</param>
    /// <param name="json">What the store has of it, but for version, number and time: <c>"type":"resolved","incident":3</c>.</param>
    /// <returns>Its number.</returns>
    public long AddEvent(DateTimeOffset time, string json)
    {
        long number = Events + 1;
        string text = string.Create(CultureInfo.InvariantCulture, $"{{{json},\"v\":1,\"number\":{number},\"time\":\"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\"}}");
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        string? server = root.TryGetProperty("key", out var key) || root.TryGetProperty("root", out key) ? key.GetProperty("server").GetString() : root.TryGetProperty("server", out var named) ? named.GetString() : null;
        var type = _engine.GetType("ProdOps.Monitoring.Store.StoredEvent")!;
        var page = Array.CreateInstance(type, 1);
        page.SetValue(Activator.CreateInstance(type, 0L, time, server, root.GetProperty("type").GetString(), text), 0);
        Call(Get(_store, "Events"), "Append", page, null, null);
        return number;
    }

    /// <summary>
    /// Keeps an incident from its beginning to its end, half an hour later: the disk of a server, of which the route on-call is told by mail, something is done about it, and alice takes it on.
    /// The message about its end was given up.
    /// </summary>
    /// <returns>Its number.</returns>
    public long AddIncident(string server, DateTimeOffset start)
    {
        string key = $"{{\"server\":\"{server}\",\"rule\":\"disk.used\",\"instance\":\"/var\"}}", title = $"Critical: {server} disk.used /var";
        AddEvent(start.AddSeconds(-30), $"\"type\":\"result\",\"key\":{key},\"state\":\"Critical\",\"value\":96.2");
        AddEvent(start, $"\"type\":\"check\",\"key\":{key},\"from\":\"OK\",\"to\":\"Critical\",\"level\":\"Critical\",\"value\":96.2");
        long incident = AddEvent(start, $"\"type\":\"opened\",\"root\":{key}");
        AddEvent(start, $"\"type\":\"member\",\"incident\":{incident},\"key\":{key},\"state\":\"Critical\"");
        long begun = AddEvent(start, $"\"type\":\"action\",\"action\":\"clean\",\"key\":{key},\"state\":\"Critical\",\"incident\":{incident}");
        AddEvent(start.AddSeconds(4), $"\"type\":\"actionEnded\",\"begun\":{begun},\"exitCode\":0,\"output\":\"freed 1 GiB\"");
        long message = Tell(start.AddSeconds(20), "Problem", "Critical", title);
        AddEvent(start.AddSeconds(21), $"\"type\":\"delivered\",\"notification\":{message},\"channel\":\"mail\"");
        AddEvent(start.AddMinutes(5), $"\"type\":\"acknowledged\",\"incident\":{incident},\"acknowledgement\":{{\"by\":\"alice\",\"comment\":\"on it\",\"severity\":\"Critical\"}}");
        var end = start.AddMinutes(30);
        AddEvent(end, $"\"type\":\"check\",\"key\":{key},\"from\":\"Critical\",\"to\":\"OK\",\"level\":\"OK\",\"value\":71.5");
        AddEvent(end, $"\"type\":\"member\",\"incident\":{incident},\"key\":{key},\"state\":\"OK\"");
        AddEvent(end, $"\"type\":\"resolved\",\"incident\":{incident}");
        long over = Tell(end, "Recovery", "OK", $"OK: {server} disk.used /var: over after 30 min");
        AddEvent(end.AddSeconds(90), $"\"type\":\"givenUp\",\"notification\":{over},\"reason\":\"No channel takes it.\"");
        return incident;

        long Tell(DateTimeOffset time, string kind, string severity, string line) => AddEvent(
            time, $"\"type\":\"notification\",\"route\":\"on-call\",\"kind\":\"{kind}\",\"severity\":\"{severity}\",\"title\":\"{line}\",\"incidents\":[{{\"incident\":{incident},\"kind\":\"{kind}\",\"severity\":\"{severity}\",\"revision\":1,\"root\":{key},\"title\":\"{line}\"}}]");
    }

    /// <summary>Keeps an incident that is still open: a server that cannot be reached.</summary>
    /// <returns>Its number.</returns>
    public long AddOpenIncident(string server, DateTimeOffset start)
    {
        string key = $"{{\"server\":\"{server}\",\"rule\":\"reachability\"}}";
        AddEvent(start, $"\"type\":\"check\",\"key\":{key},\"from\":\"OK\",\"to\":\"Critical\",\"level\":\"Critical\",\"message\":\"no answer\"");
        AddEvent(start, $"\"type\":\"server\",\"server\":\"{server}\",\"from\":\"OK\",\"to\":\"Critical\"");
        long incident = AddEvent(start, $"\"type\":\"opened\",\"root\":{key}");
        AddEvent(start, $"\"type\":\"member\",\"incident\":{incident},\"key\":{key},\"state\":\"Critical\"");
        return incident;
    }

    /// <summary>Writes down that a monitor is at work.</summary>
    public void Beat() => Call(Get(_store, "Monitor"), "Beat", TimeProvider.System.GetUtcNow());

    /// <summary>Puts what is over into chunks and roll-ups, as a monitor does.</summary>
    public void Seal() => Call(_store, "Seal", CancellationToken.None);

    public void Dispose() => ((IDisposable)_store).Dispose();

    private static Assembly Find(string name) => AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == name);

    private static object Get(object owner, string property) => owner.GetType().GetProperty(property, Any)!.GetValue(owner)!;

    private static object? Call(object owner, string method, params object?[] arguments) =>
        owner.GetType().GetMethods(Any).Single(one => one.Name == method && one.GetParameters().Length == arguments.Length).Invoke(owner, arguments);
}
