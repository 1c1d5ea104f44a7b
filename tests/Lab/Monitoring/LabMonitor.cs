using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ProdOps.Lab.Tests.Logging;

namespace ProdOps.Lab.Tests.Monitoring;

/// <summary>
/// A monitor that is a process of its own and asks every second, with what it says happened and the messages that arrive. All default rules are switched off but those that
/// a test names: the hosts share one machine, whose load is nobody's subject here.
/// </summary>
internal sealed class LabMonitor : IAsyncDisposable
{
    /// <summary>Part of a rule that believes a single result, both ways.</summary>
    public const string AtOnce = "For = '0s'; Attempts = 1; RecoverFor = '0s'; RecoverAttempts = 1";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<Happened> _events = [];
    private readonly Admin _admin;
    private readonly string _file;
    private Process? _process;
    private Task _output = Task.CompletedTask;
    private Task<string> _errors = Task.FromResult("");

    private LabMonitor(Admin admin) => (_admin, _file) = (admin, Path.Combine(admin.Folder, "messages"));

    /// <summary>What happened so far, in order.</summary>
    public Happened[] Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    /// <summary>The messages that arrived so far, in order.</summary>
    public Message[] Messages
    {
        get
        {
            if (!File.Exists(_file)) return [];
            string text = File.ReadAllText(_file);
            return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Message>(line, JsonSerializerOptions.Web)!)];
        }
    }

    /// <summary>Starts a monitor of an admin's servers.</summary>
    /// <param name="admin">Whose environment it is; the folder gets the store.</param>
    /// <param name="rules">The rules that hold.</param>
    /// <param name="more">Other keys of the environment's <c>Monitoring</c>.</param>
    public static async Task<LabMonitor> StartAsync(Admin admin, string[] rules, string more = "")
    {
        var monitor = new LabMonitor(admin);
        var names = (await admin.RunAsync("Get-HealthRule | ForEach-Object Name")).Sorted.Where(name => !rules.Any(rule => rule.Contains($"'{name}'", StringComparison.Ordinal)));
        string servers = (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}');
        await File.WriteAllTextAsync(admin.EnvironmentFile, $$"""
            {{servers}}
                Monitoring = @{
                    Store    = 'monitoring'
                    Interval = '1s'
                    Channels = @{ file = @{ Script = '{ cat; echo; } >>"{{monitor._file}}"' } }
                    Notify   = @(@{ Name = 'admins'; Channel = 'file' })
                    Rules    = @(
                        {{string.Join("\n            ", [.. rules, .. names.Select(name => $"@{{ Name = '{name}'; Enabled = $false }}")])}}
                    )
                    {{more}}
                }
            }

            """);
        monitor.Start();
        return monitor;
    }

    /// <summary>Starts it, or another one in its place.</summary>
    public void Start()
    {
        _process?.Dispose();
        _process = HostProcess.Start(["-OutputFormat", "Json", "-Command", $"Start-HealthMonitor -IncludeResults -Environment '{_admin.EnvironmentFile}'"]);
        _errors = _process.StandardError.ReadToEndAsync();
        _output = ReadAsync(_process.StandardOutput);
    }

    /// <summary>Ends it so that it can do nothing any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        await _output.WaitAsync(Limit);
    }

    /// <summary>Waits until something has happened.</summary>
    public async Task<Happened> EventAsync(string what, Func<Happened, bool> fits)
    {
        Happened? found = null;
        await UntilAsync(what, () => (found = Events.FirstOrDefault(fits)) is not null);
        return found!;
    }

    /// <summary>Waits until a check has said that all is well, for the first time.</summary>
    public Task<Happened> WellAsync(string server, string check, string? instance = null) =>
        EventAsync($"{server} {check} {instance} is well", happened => happened is { Kind: "Result", State: "OK" } && happened.Server == server && happened.Check == check && happened.Instance == instance);

    /// <summary>Waits for a message of which the monitor knows that it has arrived.</summary>
    public async Task<Message> MessageAsync(string kind, string about)
    {
        Message? found = null;
        await UntilAsync($"a message: {kind}, {about}", () => (found = Messages.FirstOrDefault(message => message.Kind == kind && message.Title.Contains(about, StringComparison.Ordinal))) is not null);
        await EventAsync($"message {found!.Id} is delivered", happened => happened.Kind == "Delivery" && happened.Message.Contains($" {found.Id} ", StringComparison.Ordinal));
        return found;
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited)
        {
            await Machine.RunAsync("kill -TERM $1 || true", _process.Id.ToString(CultureInfo.InvariantCulture));
            try
            {
                await _process.WaitForExitAsync().WaitAsync(Limit);
            }
            finally
            {
                if (!_process.HasExited) _process.Kill();
            }
        }

        _process.Dispose();
    }

    private Task UntilAsync(string what, Func<bool> condition) => LogAdmin.UntilAsync(
        () =>
        {
            bool ended = _process!.HasExited;
            if (condition()) return Task.FromResult(true);
            if (ended) Assert.Fail($"The monitor ended before {what}: {(_errors.IsCompletedSuccessfully ? _errors.Result : "")}\n{Told()}");
            return Task.FromResult(false);
        },
        () => $"{what}\n{Told()}");

    private string Told() => string.Join('\n', [.. Events.Select(happened => happened.ToString()), .. Messages.Select(message => message.Title)]);

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            // A monitor that is killed may leave half a line.
            if (!line.EndsWith('}')) continue;
            lock (_events) _events.Add(JsonSerializer.Deserialize<Happened>(line)!);
        }
    }
}

/// <summary>An event as a monitor emits it.</summary>
internal sealed record Happened(long Number, string Kind, string Server, string Check, string? Instance, string? From, string? State, string Message, long Incident, string By, string Output);

/// <summary>A message as a channel gets it.</summary>
internal sealed record Message(long Id, string Kind, string Severity, string Title, string Text, MessageItem[] Incidents);

/// <summary>What a message tells of one incident.</summary>
internal sealed record MessageItem(long Incident, string Server, string Check, MessageCheck[] Checks, string? Diagnosis);

/// <summary>What a message tells of one check.</summary>
internal sealed record MessageCheck(string Server, string Check, string? Instance, string State, string Message);
