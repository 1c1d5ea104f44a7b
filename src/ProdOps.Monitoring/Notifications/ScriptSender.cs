using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Notifications;

/// <summary>Gives messages to a program of this machine: as JSON on its standard input, and the most needed of it as variables. It has taken one when it ends with 0.</summary>
internal sealed class ScriptSender : INotificationSender
{
    private const int MostOutput = 64 * 1024;

    private readonly TimeProvider _time;

    public ScriptSender(NotificationChannel channel, TimeProvider time)
    {
        (Channel, _time) = (channel, time);
        if (string.IsNullOrWhiteSpace(channel.Target) || channel.Target.Contains('\0')) throw MonitoringErrors.ChannelInvalid(channel.Name, "it names no command", "Write a command line as its Target.");
    }

    public NotificationChannel Channel { get; }

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken) => SendLimit.RunAsync(Channel, _time, async token =>
    {
        var command = new ServerCommand($"{Variables(message)}\n{Channel.Target}");
        CommandOutput output;
        try
        {
            output = await new LocalShell("localhost").RunAsync(command, new CommandRunOptions { Input = MessageJson.Write(message), MaximumOutput = MostOutput }, token).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (error.Kind != ErrorKind.NotSupported)
        {
            // The command line stays out of it: it may hold what should not be shown.
            throw MonitoringErrors.NotDelivered(Channel.Name, "its command could not be run, or prints without end.", error);
        }

        if (output.Exit.Succeeded) return;
        string said = PlainLine.OfAnswer(output.StandardError.Length > 0 ? output.ErrorText : output.Text);
        throw MonitoringErrors.NotDelivered(Channel.Name, string.Create(CultureInfo.InvariantCulture, $"its command ended with {output.Exit.Code}{(said.Length > 0 ? $": {said}" : ".")}"));
    }, cancellationToken);

    private static string Variables(NotificationMessage message) => string.Join('\n', new[]
    {
        ("PRODOPS_TITLE", MessageText.Title(message)),
        ("PRODOPS_SEVERITY", message.Severity.ToString()),
        ("PRODOPS_KIND", message.Kind.ToString()),
        ("PRODOPS_ID", message.Id.ToString(CultureInfo.InvariantCulture)),
    }.Select(static variable => $"{variable.Item1}={ShellQuote.Word(variable.Item2)};export {variable.Item1}"));
}
