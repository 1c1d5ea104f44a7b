using ProdOps.Backup.Databases;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Tests.Databases;

public sealed class HooksTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [UnixTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_after_the_backup_that_does_not_end_is_ended_soon_after_it_is_stopped_whenever_that_is(bool meanwhile)
    {
        using var folder = new ScratchFolder();
        using var stop = new CancellationTokenSource();
        var activity = new RecordingActivity();
        var hooks = new Hooks(Before: null, After: $"touch '{folder["began"]}'; sleep 300", OnFailure: null, AsRoot: false) { StopPatience = TimeSpan.FromSeconds(meanwhile ? 0 : 1) };
        var running = hooks.RunAsync(new LocalShell("web1"), async () =>
        {
            if (!meanwhile) await stop.CancelAsync();
            return 1;
        }, activity, stop.Token);
        if (meanwhile)
        {
            using var late = new CancellationTokenSource(Limit);
            while (!File.Exists(folder["began"])) await Task.Delay(20, late.Token);
            await stop.CancelAsync();
        }

        Assert.Equal(1, await running.WaitAsync(Limit));
        Assert.Contains(activity.Warnings, warning => warning.Contains("the command of -After was ended", StringComparison.Ordinal));
    }
}
