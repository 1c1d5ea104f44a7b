using Renci.SshNet;
using Renci.SshNet.Common;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Identities;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh;

/// <summary>Logs in to a test's sshd by SSH.NET with the three pieces under test put together.</summary>
internal static class SshLogin
{
    /// <summary>Logs in and runs a command.</summary>
    /// <returns>What the server wrote.</returns>
    public static async Task<string> RunAsync(LoopbackSshd server, string config, RecordingActivity? activity = null, SecretSource? passphrase = null, bool acceptNew = false, TimeProvider? time = null, SshIdentityLoader? loader = null)
    {
        activity ??= new();
        time ??= TimeProvider.System;
        var settings = Settings(server, config);
        using var own = loader is null ? new SshIdentityLoader(time) : null;
        using var identities = await (loader ?? own)!.LoadAsync(settings, passphrase, activity, default);
        var checker = new HostKeyChecker(settings, acceptNew, new KnownHostsFiles(), time, activity);
        AuthenticationMethod method = identities.Sources.Count == 0 ? new NoneAuthenticationMethod(settings.User) : new PrivateKeyAuthenticationMethod(settings.User, [.. identities.Sources]);
        using var _ = method as IDisposable;
        var info = new ConnectionInfo(settings.HostName, settings.Port, settings.User, method) { Timeout = TimeSpan.FromSeconds(30) };
        identities.ServerVersion = () => info.ServerVersion;
        checker.Attach(info);
        using var client = new SshClient(info);
        client.HostKeyReceived += checker.OnHostKeyReceived;
        try
        {
            await client.ConnectAsync(default);
        }
        catch (SshException) when (checker.Refusal is not null)
        {
            throw checker.Refusal;
        }

        activity.Verbose($"host key algorithm {info.CurrentHostKeyAlgorithm}");
        using var command = client.CreateCommand("echo here $SSH_CONNECTION");
        string output = command.Execute();
        client.Disconnect();
        return output;
    }

    public static SshHostSettings Settings(LoopbackSshd server, string config)
    {
        string path = Path.Combine(server.Folder, $"config-{Guid.NewGuid():N}");
        File.WriteAllText(path, $"HostName 127.0.0.1\nPort {server.Port}\n{config}\nUserKnownHostsFile {server.Folder}/known_hosts\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n");
        return SshConfigResolver.Resolve(new("test-server") { ConfigFile = path, User = server.User }, SshConfigEnvironment.Local(new LocalSshFiles()));
    }
}
