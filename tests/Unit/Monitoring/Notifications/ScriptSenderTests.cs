using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Notifications;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

public sealed class ScriptSenderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ScriptSenderTests() => Directory.CreateDirectory(_folder["w"]);

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task A_program_gets_the_message_as_JSON_and_the_most_needed_as_variables()
    {
        string title = "Critical: it's $(touch x) `id` \"ä\"";
        await SendAsync($"cd {_folder["w"]} && printf '%s|%s|%s|%s' \"$PRODOPS_TITLE\" \"$PRODOPS_SEVERITY\" \"$PRODOPS_KIND\" \"$PRODOPS_ID\" > variables && cat > message", SampleMessages.Problem with { Title = title });
        Assert.Equal($"{title}|Critical|Problem|4711", File.ReadAllText(_folder["w/variables"]));
        var json = JsonNode.Parse(File.ReadAllText(_folder["w/message"]))!;
        Assert.Equal((title, 42, "app1", 87.25), ((string?)json["title"], (int)json["incidents"]![0]!["incident"]!, (string?)json["incidents"]![0]!["checks"]![1]!["server"], (double)json["incidents"]![0]!["checks"]![1]!["value"]!));
        Assert.Equal(["message", "variables"], Directory.GetFiles(_folder["w"]).Select(Path.GetFileName).Order());
    }

    [UnixFact]
    public async Task What_does_not_end_with_0_was_not_delivered()
    {
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync("echo 'no\tcredit' >&2; exit 3", SampleMessages.Test));
        Assert.Equal(("NotificationNotDelivered", "The channel 'script' did not take the message: its command ended with 3: no credit"), (error.ErrorId, error.Message));
        var endless = await Assert.ThrowsAnyAsync<ProdOpsException>(() => SendAsync("yes", SampleMessages.Test));
        Assert.Equal("NotificationNotDelivered", endless.ErrorId);
        // It need not read its input.
        await SendAsync("true", SampleMessages.With(new string('x', 1_000_000)));
        Assert.Equal("NotificationChannelInvalid", Assert.Throws<ProdOpsException>(() => new ScriptSender(new NotificationChannel { Name = "script", Target = " " }, TimeProvider.System)).ErrorId);
    }

    [LinuxFact]
    public async Task What_takes_too_long_is_ended_with_its_children()
    {
        string file = _folder["w/pid"];
        var time = new FakeTimeProvider();
        var sending = SendAsync($"sleep 1000 & echo $! > {file}.new; mv {file}.new {file}; wait", SampleMessages.Test, time);
        while (!File.Exists(file))
        {
            Assert.False(sending.IsCompleted);
            await Task.Delay(20);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("NotificationTimeout", (await Assert.ThrowsAnyAsync<ProdOpsException>(() => sending)).ErrorId);
        Assert.True(await Processes.EndsAsync(int.Parse(File.ReadAllText(file))));
    }

    private static Task SendAsync(string command, NotificationMessage message, TimeProvider? time = null) => NotificationSenders.Create(
        new NotificationChannel { Name = "script", Kind = NotificationChannelKind.Script, Target = command, Timeout = TimeSpan.FromMinutes(1) }, null, time ?? TimeProvider.System, SilentActivity.Instance).SendAsync(message, CancellationToken.None);
}
