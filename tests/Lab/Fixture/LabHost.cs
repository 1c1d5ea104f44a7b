namespace ProdOps.Lab.Tests;

/// <summary>A host of the fleet.</summary>
internal sealed record LabHost(Fleet Fleet, string Name, string Address)
{
    /// <summary>Runs a shell script as root from outside, which needs neither sshd nor the network. Its output, without the last line's end.</summary>
    public async Task<string> RunAsync(string script, string? input = null) => (await Fleet.RunAsync(input, "run", Name, "sh", "-euc", script)).TrimEnd('\n');

    /// <summary>How many processes' command lines match a pattern of pgrep.</summary>
    public async Task<int> CountProcessesAsync(string pattern) =>
        int.Parse(await RunAsync($"pgrep -fc -- '{pattern}' || true"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Waits until a condition of the host's shell holds.</summary>
    public Task WaitAsync(string condition, int seconds = 20) =>
        RunAsync($"timeout {seconds} sh -c 'until {condition}; do sleep 0.05; done' || {{ ps axf >&2; false; }}");

    /// <summary>Makes a login that the fleet's key opens. Options: sudo=no|nopassword|password, password=TEXT, shell=PATH, noisy.</summary>
    public Task AccountAsync(string user, params string[] options) => VerbAsync(["account", Name, user, .. options]);

    /// <summary>Puts BusyBox's tools before GNU's.</summary>
    public Task UseBusyBoxAsync() => VerbAsync("busybox", Name);

    /// <summary>Lets sessions see a clock that is off, e.g. <c>+90s</c>; <c>0</c> for the right one.</summary>
    public Task SetClockAsync(string offset) => VerbAsync("clock", Name, offset);

    /// <summary>How much memory it may have, e.g. <c>400M</c>; <c>0</c> for all of the machine's.</summary>
    public Task SetMemoryAsync(string size) => VerbAsync("memory", Name, size);

    /// <summary>Pulls the plug. Nobody is told.</summary>
    public Task KillAsync() => VerbAsync("kill", Name);

    /// <summary>Unplugs the network cable.</summary>
    public Task CutAsync() => VerbAsync("cut", Name);

    /// <summary>Puts the cable back.</summary>
    public Task PlugAsync() => VerbAsync("plug", Name);

    /// <summary>Boots it after <see cref="KillAsync"/>, with the disk it had.</summary>
    public Task BootAsync() => Fleet.BootAsync("up", Name);

    /// <summary>An empty disk and other host keys at the same address.</summary>
    public Task BlankAsync() => Fleet.BootAsync("blank", Name);

    /// <summary>The host's line of known_hosts for a kind of key, e.g. <c>ssh-ed25519</c>.</summary>
    public string HostKey(string algorithm) => File.ReadLines(Fleet.KnownHosts).Single(line => line.StartsWith($"{Address} {algorithm} ", StringComparison.Ordinal));

    private static Task VerbAsync(params string[] arguments) => Fleet.RunAsync(null, arguments);
}
