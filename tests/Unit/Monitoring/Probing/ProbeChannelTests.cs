using System.Globalization;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.Connections;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

public sealed class ProbeChannelTests : IDisposable
{
    private const string Kept = "exec /bin/sh";

    private static readonly string[] Units = ["ssh", "no such'; touch /nowhere/prodops; '$(false)", "two\nlines"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task Rounds_of_one_shell_are_answered_like_a_command_each()
    {
        var machine = new Machine(null);
        await using var channel = ChannelTo(machine);
        var request = new ProbeRequest { Parts = ProbeParts.Services | ProbeParts.Slow, Units = Units };
        var (expected, _) = await ShellProbe.AskAsync(new LocalShell("here"), request, TimeProvider.System, default);
        for (int round = 0; round < 2; round++) AssertSame(expected, (await AskAsync(channel, request.Parts, Units)).Report);
        var (fast, timing) = await AskAsync(channel);
        Assert.Equal(expected.BootId, fast.BootId);
        Assert.Null(fast.Ports);
        Assert.InRange(timing.RoundTrip, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Equal(1, machine.Started);
    }

    [Theory]
    [ProgramData("dash", "dash")]
    [ProgramData("bash", "bash --posix -u")]
    [ProgramData("busybox", "busybox sh")]
    public async Task Every_shell_can_be_kept_and_has_nothing_to_complain_about(string shell)
    {
        if (!OperatingSystem.IsLinux()) return;
        var machine = new Machine($"exec {shell} 2>{_folder["errors"]}");
        await using (var channel = ChannelTo(machine))
        {
            var first = await AskAsync(channel, ProbeParts.Services | ProbeParts.Slow, Units);
            AssertSame(first.Report, (await AskAsync(channel, ProbeParts.Services | ProbeParts.Slow, Units)).Report);
            Assert.NotNull(first.Report.Clock!.BootTime);
        }

        Assert.Equal("", await File.ReadAllTextAsync(_folder["errors"]));
        Assert.Equal(1, machine.Started);
    }

    [LinuxFact]
    public async Task What_is_printed_before_an_answer_is_nothing()
    {
        await using var channel = ChannelTo(new Machine($"printf '\\n@begin 00\\n@kernel\\nuptime:1 1\\n@end 00\\n'; head -c 100000 /dev/zero; {Kept}"));
        Assert.True((await AskAsync(channel)).Report.Uptime > 1);
        Assert.True((await AskAsync(channel)).Report.Uptime > 1);
    }

    [LinuxFact]
    public async Task A_shell_that_was_killed_is_followed_by_another_in_the_same_round()
    {
        var machine = new Machine($"echo $$ >>{_folder["shells"]}; {Kept}");
        await using var channel = ChannelTo(machine);
        await AskAsync(channel);
        Tool.Succeed("kill", "-KILL", Shells().Single().ToString(CultureInfo.InvariantCulture));
        Assert.NotNull((await AskAsync(channel)).Report.Uptime);
        Assert.Equal(2, machine.Started);
        // Killed again and again it is not tried for ever.
        machine.Command = "echo $$; exit 1";
        Tool.Succeed("kill", "-KILL", Shells()[^1].ToString(CultureInfo.InvariantCulture));
        await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(channel));
        Assert.Equal(3, machine.Started);
        machine.Command = Kept;
        Assert.NotNull((await AskAsync(channel)).Report.Uptime);
    }

    [LinuxFact]
    public async Task What_hangs_is_killed_with_its_round_and_the_next_one_goes_well()
    {
        await File.WriteAllTextAsync(_folder["df"], $"#!/bin/sh\nif [ -e {_folder["dead"]} ]; then echo $$ >{_folder["df.pid"]}.new; mv {_folder["df.pid"]}.new {_folder["df.pid"]}; exec sleep 600; fi\n");
        Tool.SetMode(_folder["df"], (UnixFileMode)0b111_101_101);
        var machine = new Machine($"echo $$ >>{_folder["shells"]}; PATH={_folder.Path}:$PATH; export PATH; {Kept}");
        await using var channel = ChannelTo(machine);
        await AskAsync(channel);
        await File.WriteAllTextAsync(_folder["dead"], "");
        using var limit = new CancellationTokenSource();
        var round = channel.AskAsync(new ProbeRequest(), limit.Token);
        while (!File.Exists(_folder["df.pid"])) await Task.Delay(5, CancellationToken.None);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round);
        Assert.True(await Processes.EndsAsync(int.Parse(await File.ReadAllTextAsync(_folder["df.pid"]), CultureInfo.InvariantCulture)));
        Assert.True(await Processes.EndsAsync(Shells().Single()));
        File.Delete(_folder["dead"]);
        Assert.NotNull((await AskAsync(channel)).Report.Uptime);
        Assert.Equal(2, machine.Started);
    }

    [LinuxFact]
    public async Task What_prints_without_end_is_no_answer()
    {
        var machine = new Machine("exec yes");
        await using var channel = ChannelTo(machine);
        Assert.Equal("OutputTooLarge", (await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(channel))).ErrorId);
        machine.Command = Kept;
        Assert.NotNull((await AskAsync(channel)).Report.Uptime);
    }

    [LinuxFact]
    public async Task What_is_said_in_place_of_an_answer_is_told()
    {
        await using var channel = ChannelTo(new Machine("echo For file transfer only."));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => AskAsync(channel));
        Assert.Equal(("ProbeSilent", "Server 'here' does not answer the probe, but with: For file transfer only."), (error.ErrorId, error.Message));
    }

    [LinuxFact]
    public async Task Two_questions_at_once_are_asked_one_after_the_other_and_none_after_the_end()
    {
        var machine = new Machine($"echo $$ >>{_folder["shells"]}; {Kept}");
        var channel = ChannelTo(machine);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync(channel)));
        Assert.All(answers, answer => Assert.NotNull(answer.Report.Uptime));
        await channel.DisposeAsync();
        Assert.True(await Processes.EndsAsync(Shells().Single()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AskAsync(channel));
        Assert.Equal(1, machine.Started);
    }

    [LinuxFact]
    public async Task What_may_take_minutes_is_asked_in_a_shell_of_its_own_that_ends_with_it()
    {
        var machine = new Machine($"echo $$ >>{_folder["shells"]}; {Kept}");
        await using var channels = new ProbeChannels((_, _) => Task.FromResult<IServerShell>(machine), TimeProvider.System);
        var server = new Server { Name = "here" };
        Assert.NotNull((await channels.AskAsync(server, new ProbeRequest(), default)).Report.Uptime);
        Assert.NotNull((await channels.AskAsync(server, new ProbeRequest { Parts = ProbeParts.Daily }, default)).Report.Uptime);
        Assert.Equal(2, machine.Started);
        Assert.True(await Processes.EndsAsync(Shells()[1]));
        await channels.AskAsync(server, new ProbeRequest(), default);
        Assert.Equal(2, machine.Started);
    }

    [SshdFact]
    public async Task Over_ssh_rounds_go_on_after_a_lost_connection_and_nothing_is_left_behind()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        await using (var channels = new ProbeChannels((_, token) => fixture.Shells.OpenAsync(fixture.Target, SilentActivity.Instance, token), TimeProvider.System))
        {
            var server = fixture.Target.Server;
            var request = new ProbeRequest { Parts = ProbeParts.Services, Units = Units };
            var (expected, _) = await ShellProbe.AskAsync(await fixture.OpenAsync(), request, TimeProvider.System, default);
            for (int round = 0; round < 3; round++) AssertSame(expected, (await channels.AskAsync(server, request with { Nonce = ProbeRequest.NewNonce() }, default)).Report);
            Assert.Single(fixture.Connector.Made);
            Assert.NotEqual(0, fixture.Sshd.KillSessions());
            AssertSame(expected, (await channels.AskAsync(server, request with { Nonce = ProbeRequest.NewNonce() }, default)).Report);
            Assert.Equal(2, fixture.Connector.Made.Count);
        }

        var connection = fixture.Connector.Made[^1];
        // The place on the connection is given back when the server has closed the channel.
        for (int i = 0; i < 500 && connection.ChannelCount > 0; i++) await Task.Delay(10, CancellationToken.None);
        Assert.Equal(0, connection.ChannelCount);
    }

    private static ProbeChannel ChannelTo(Machine machine) => new(_ => Task.FromResult<IServerShell>(machine), TimeProvider.System);

    private static Task<ProbeAnswer> AskAsync(ProbeChannel channel, ProbeParts parts = ProbeParts.Fast, params string[] units) =>
        channel.AskAsync(new ProbeRequest { Parts = parts, Units = units }, CancellationToken.None);

    private int[] Shells() => [.. File.ReadAllLines(_folder["shells"]).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];

    /// <summary>All that does not change from one moment to the next.</summary>
    private static void AssertSame(ProbeReport expected, ProbeReport report)
    {
        Assert.NotNull(expected.BootId);
        Assert.Equal((expected.BootId, expected.Memory.Total, expected.Tables.MaximumFiles), (report.BootId, report.Memory.Total, report.Tables.MaximumFiles));
        Assert.Equal(expected.Units?.Select(static unit => (unit.Name, unit.LoadState, unit.ActiveState)), report.Units?.Select(static unit => (unit.Name, unit.LoadState, unit.ActiveState)));
        Assert.Equal(expected.System.Kernel, report.System.Kernel);
        Assert.Equal(expected.Mounts!.Single(static mount => mount.Target == "/").Size, report.Mounts!.Single(static mount => mount.Target == "/").Size);
        Assert.NotNull(report.Time);
        Assert.True(report.Uptime >= expected.Uptime);
        Assert.True(report.Processes.Count > 0);
        Assert.NotNull(report.Ports);
    }

    /// <summary>This machine, on which the kept shell is what the test says.</summary>
    private sealed class Machine(string? command) : IServerShell
    {
        private readonly LocalShell _shell = new("here");

        public string Name => "here";

        public string? Command { get; set; } = command;

        public int Started { get; private set; }

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            Started++;
            return _shell.StartAsync(Command is null ? command : command with { Text = Command }, cancellationToken);
        }
    }
}
