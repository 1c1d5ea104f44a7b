using System.Globalization;
using System.Security.Cryptography;

namespace ProdOps.Lab.Tests.Commands;

/// <summary>What goes in and comes out, much of it, and how a command ended.</summary>
[Collection(LabCollection.Name)]
public sealed class OutputTests(Fleet fleet)
{
    private const int Large = 100 << 20;

    [LabFact]
    public async Task A_hundred_megabytes_come_whole_as_bytes_and_go_and_come_as_a_stream_in_little_memory()
    {
        var host = await fleet.UpAsync("web1");
        var hash = (await host.RunAsync($"head -c {Large} /dev/urandom > /var/tmp/large; sha256sum < /var/tmp/large")).Split(' ')[0];
        var lines = (await host.RunAsync("base64 -w 5000 /var/tmp/large | sha256sum")).Split(' ')[0];
        using (var admin = new Admin(host))
        {
            var answer = await admin.RunAsync("Invoke-ServerCommand 'cat /var/tmp/large' -AsByte -Server web1");
            Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData((byte[])Assert.Single(answer.Clean).Properties["OutputBytes"].Value)));
        }

        using var other = new Admin(host);
        var input = Path.Combine(other.Folder, "input");
        await using (var file = File.Create(input)) for (var i = 0; i < Large >> 20; i++) await file.WriteAsync(RandomNumberGenerator.GetBytes(1 << 20));
        var result = await Task.Run(() => HostProcess.Run("-Command", $$"""
            function Peak { foreach ($line in [IO.File]::ReadAllLines('/proc/self/status')) { if ($line -match '^VmHWM:\s+(\d+) kB') { [int]$Matches[1] } } }
            $null = Invoke-ServerCommand hostname -Server web1 -Environment '{{other.Environment}}'
            $hash = [System.Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
            $before = Peak
            Invoke-ServerCommand 'base64 -w 5000 /var/tmp/large' -Stream -Server web1 -Environment '{{other.Environment}}' | ForEach-Object { $hash.AppendData([Text.Encoding]::ASCII.GetBytes($_.Text + "`n")) }
            [Convert]::ToHexString($hash.GetHashAndReset())
            (Invoke-ServerCommand sha256sum -InputPath '{{input}}' -Server web1 -Environment '{{other.Environment}}').StandardOutput
            "$((Peak) - $before)"
            """));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var said = result.Output.Split('\n');
        Assert.Equal(lines, said[0], ignoreCase: true);
        await using (var file = File.OpenRead(input)) Assert.StartsWith(Convert.ToHexStringLower(await SHA256.HashDataAsync(file)), said[1]);
        Assert.InRange(int.Parse(said[2], CultureInfo.InvariantCulture), 0, 96 * 1024);
        await host.RunAsync("rm /var/tmp/large");
    }

    [LabFact]
    public async Task What_nobody_takes_is_not_produced()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        // The consumer holds its first line until it is told to go on.
        var running = admin.Start($$"""
            $n = 0; $bytes = 0
            Invoke-ServerCommand 'echo first; tr "\0" x < /dev/zero | fold -w 2999 | head -c 60000000; echo last' -Stream -Server web1 | ForEach-Object {
                if ($n++ -eq 0) { while (-not [IO.File]::Exists('{{admin.Folder}}/go')) { [Threading.Thread]::Sleep(20) } }
                $bytes += $_.Text.Length + 1; $last = $_.Text
            }
            "$bytes $last"
            """);
        // It writes until every buffer on the way is full, and then not any more.
        await host.WaitAsync("[ -n \"$(pgrep -x head)\" ]");
        await host.RunAsync("""
            p=$(pgrep -x head); before=-1
            while now=$(awk '/^wchar/ { print $2 }' /proc/$p/io); [ "$now" != "$before" ]; do before=$now; sleep 0.5; done
            [ "$now" -lt 20000000 ]
            """);
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "go"), "");
        Assert.Equal($"{"first\n".Length + 60000000 + "last\n".Length} last", (await running.EndAsync()).Text);
    }

    [LabFact]
    public async Task Bytes_go_both_ways_unchanged_while_the_command_runs()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        var bytes = RandomNumberGenerator.GetBytes(32 << 20);
        await File.WriteAllBytesAsync(Path.Combine(admin.Folder, "bytes"), bytes);
        // cat writes as it reads: whoever sent all before reading would wait for ever.
        var answer = await admin.RunAsync($"Invoke-ServerCommand cat -StandardInput ([IO.File]::ReadAllBytes('{admin.Folder}/bytes')) -AsByte -Server web1");
        Assert.True(bytes.AsSpan().SequenceEqual((byte[])Assert.Single(answer.Clean).Properties["OutputBytes"].Value));
        var digest = await admin.RunAsync($"(Invoke-ServerCommand sha256sum -StandardInput ([IO.File]::ReadAllBytes('{admin.Folder}/bytes')) -Server web1).StandardOutput");
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(bytes)), digest.Text);
    }

    [LabFact]
    public async Task A_command_need_not_read_its_input_to_the_end()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        await File.WriteAllBytesAsync(Path.Combine(admin.Folder, "bytes"), RandomNumberGenerator.GetBytes(32 << 20));
        foreach (var (command, printed) in new[] { ("head -c 1000 | wc -c", "1000"), ("echo never read", "never read"), ("exec < /dev/null; echo closed", "closed") })
        {
            var answer = await admin.RunAsync($"(Invoke-ServerCommand '{command}' -StandardInput ([IO.File]::ReadAllBytes('{admin.Folder}/bytes')) -Server web1).StandardOutput");
            Assert.Equal(printed, answer.Text);
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
            Assert.Equal(printed, (await admin.RunAsync($"(Invoke-ServerCommand '{command}' -InputPath bytes -Server web1).StandardOutput")).Text);
        }
    }

    [LabFact]
    public async Task How_a_command_ended_is_told()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        foreach (var (command, code, signal) in new (string, int, string?)[]
            { ("true", 0, null), ("exit 1", 1, null), ("exit 255", 255, null), ("kill -KILL $$", 137, "KILL"), ("kill -TERM $$", 143, "TERM"), ("sh -c \"kill -SEGV \\$\\$\"", 139, null), ("no-such-command", 127, null) })
        {
            var answer = await admin.RunAsync($"Invoke-ServerCommand '{command}' -Server web1");
            var result = Assert.Single(answer.Output);
            Assert.Equal((command, code, signal), (command, (int)result.Properties["ExitCode"].Value, (string?)result.Properties["Signal"].Value));
            if (code == 0) Assert.Empty(answer.Errors);
            else Assert.Equal("CommandFailed", answer.ErrorId);
            if (signal is not null) Assert.Contains($"signal {signal}", answer.Error.ToString());
        }

        var slow = Assert.Single((await admin.RunAsync("Invoke-ServerCommand 'sleep 1.2' -Server web1")).Clean);
        Assert.InRange((TimeSpan)slow.Properties["Duration"].Value, TimeSpan.FromSeconds(1.2), TimeSpan.FromSeconds(3));
    }

    [LabFact]
    public async Task Both_streams_are_taken_however_they_come()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        var mixed = Assert.Single((await admin.RunAsync("Invoke-ServerCommand 'i=0; while [ $i -lt 3000 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done' -Server web1")).Clean);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"o{i}"), (IEnumerable<string>)mixed.Properties["StandardOutput"].Value);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"e{i}"), (IEnumerable<string>)mixed.Properties["StandardError"].Value);
        // More than a window on one stream while the other one is silent, and then the other way round.
        var one = Assert.Single((await admin.RunAsync("Invoke-ServerCommand 'yes error | head -c 6000000 >&2; yes outputs | head -c 8000000' -Server web1")).Clean);
        Assert.Equal((1_000_000, 1_000_000), (((IReadOnlyList<string>)one.Properties["StandardError"].Value).Count, ((IReadOnlyList<string>)one.Properties["StandardOutput"].Value).Count));
    }

    [LabFact]
    public async Task A_full_disk_is_the_commands_error_and_needs_no_room_of_ours()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("ops", "sudo=nopassword");
        // No place that anybody may write to has room.
        await host.RunAsync("""
            mkdir -p /root/full; cp /root/.ssh/authorized_keys /run/keys
            for d in /tmp /var/tmp /root/full; do mount -t tmpfs -o size=64k,mode=1777 none $d; done
            mount -t tmpfs -o size=64k,mode=755 none /home/ops; install -d -m 700 /home/ops/.ssh; mv /run/keys /home/ops/.ssh/authorized_keys; chown -R ops: /home/ops
            for d in /tmp /var/tmp /home/ops /root/full; do head -c 1000000 /dev/zero > $d/fill 2> /dev/null || true; done
            """);
        try
        {
            using var admin = new Admin("ops", host);
            await File.WriteAllTextAsync(Path.Combine(admin.Folder, "script"), "#!/bin/sh\necho \"begun $1\"\nseq 1000 > /tmp/more || exit 5\n");
            foreach (var asRoot in new[] { "", " -AsRoot" })
            {
                var answer = await admin.RunAsync($"Invoke-ServerCommand -FilePath ./script -ArgumentList now -Server web1{asRoot}");
                Assert.Equal(["begun now"], (IEnumerable<string>)Assert.Single(answer.Output).Properties["StandardOutput"].Value);
                Assert.Equal("CommandFailed", answer.ErrorId);
                Assert.Contains("No space left on device", answer.Error.ToString());
            }
        }
        finally
        {
            await host.RunAsync("for d in /tmp /var/tmp /home/ops /root/full; do umount $d; done");
        }
    }
}
