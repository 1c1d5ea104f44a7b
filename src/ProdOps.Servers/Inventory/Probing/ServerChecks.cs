using System.Globalization;
using System.Runtime.CompilerServices;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Inventory.Probing;

/// <summary>Checks a server that can be connected to: root, services, clock. None of it changes anything.</summary>
internal sealed class ServerChecks(Server server, IServerShell shell, TimeProvider time)
{
    private static readonly TimeSpan ClockWarning = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ClockFailure = TimeSpan.FromMinutes(1);

    /// <summary>The result of a server that cannot be connected to.</summary>
    public static EnvironmentCheck NotConnected(Server server, ProdOpsException error) => new()
    {
        Check = "Connection",
        Status = EnvironmentCheckStatus.Failed,
        ErrorId = error.ErrorId,
        Server = server.Name,
        Message = error.Message,
        Recommendation = error.Recommendation,
    };

    /// <summary>The results, one by one.</summary>
    public async IAsyncEnumerable<EnvironmentCheck> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Passed("Connection", server.IsLocal ? "It is this machine." : "It can be reached, its host key is known, and it lets us in.");
        yield return await RootAsync(cancellationToken).ConfigureAwait(false);
        if (server.Services.Count > 0)
        {
            var output = await shell.RunAsync(ServiceStates.Command(server.Services), cancellationToken).ConfigureAwait(false);
            foreach (var (service, state) in ServiceStates.Parse(server.Services, output.Text)) yield return Service(service, state);
        }

        yield return await ClockAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<EnvironmentCheck> RootAsync(CancellationToken cancellationToken)
    {
        try
        {
            var output = await shell.RunAsync(new ServerCommand("true") { AsRoot = true, Idempotent = true }, cancellationToken).ConfigureAwait(false);
            if (output.Exit.Succeeded) return Passed("Root", "Commands can be run as root.");
        }
        catch (ProdOpsException error)
        {
            return Result("Root", EnvironmentCheckStatus.Warning, error.ErrorId, error.Message, error.Recommendation);
        }

        return Result("Root", EnvironmentCheckStatus.Warning, "RootRefused", "sudo lets the login user do nothing as root without a password.",
            "Let it in sudoers, or name the password's source as Ssh = @{ SudoPassword = … }. What needs root fails until then.");
    }

    private EnvironmentCheck Service(string service, ServiceState state) => state switch
    {
        ServiceState.Running => Passed("Service", $"The service '{service}' is running."),
        ServiceState.Stopped => Result("Service", EnvironmentCheckStatus.Failed, "ServiceStopped", $"The service '{service}' is not running.", "Start it, or take it out of Services."),
        ServiceState.Missing => Result("Service", EnvironmentCheckStatus.Failed, "ServiceNotFound", $"There is no service '{service}'.", "Correct its name in Services, or install it."),
        _ => Result("Service", EnvironmentCheckStatus.Warning, "ServiceUnknown", $"Whether the service '{service}' runs cannot be told.", "Look at it by hand: the server has neither systemd nor a script for it."),
    };

    private async Task<EnvironmentCheck> ClockAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        var output = await shell.RunAsync(new ServerCommand("date +%s") { Idempotent = true }, cancellationToken).ConfigureAwait(false);
        var after = time.GetUtcNow();
        if (!long.TryParse(output.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > 253_402_300_799)
            return Result("Clock", EnvironmentCheckStatus.Warning, "ClockUnknown", "The server does not say what time it is.", "Run date +%s there and see.");
        // The whole second that it names began at most a second before the answer was made.
        var begin = DateTimeOffset.FromUnixTimeSeconds(seconds);
        var off = begin > after ? begin - after : before > begin.AddSeconds(1) ? before - begin.AddSeconds(1) : TimeSpan.Zero;
        if (off <= ClockWarning) return Passed("Clock", "The clock is right to within two seconds.");
        var status = off > ClockFailure ? EnvironmentCheckStatus.Failed : EnvironmentCheckStatus.Warning;
        string direction = begin > after ? "ahead" : "behind";
        return Result("Clock", status, "ClockOff", $"The clock is {off.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s {direction} of this machine's.",
            "Set up NTP (chrony, systemd-timesyncd) on both. Times of logs and backups are wrong until then.");
    }

    private EnvironmentCheck Passed(string check, string message) => Result(check, EnvironmentCheckStatus.Passed, null, message, null);

    private EnvironmentCheck Result(string check, EnvironmentCheckStatus status, string? id, string message, string? recommendation) =>
        new() { Check = check, Status = status, ErrorId = id, Server = server.Name, Message = message, Recommendation = recommendation };
}
