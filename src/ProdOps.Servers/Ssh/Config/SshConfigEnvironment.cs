using System.Net.NetworkInformation;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>What ssh_config's meaning depends on outside of it: the user, the machine, and files.</summary>
internal record SshConfigEnvironment
{
    /// <summary>A larger file is no configuration: it is refused instead of read into memory.</summary>
    public const int MaximumFileLength = 4 * 1024 * 1024;

    /// <summary>The user's own folder, which <c>~</c> and <c>%d</c> stand for.</summary>
    public required string Home { get; init; }

    /// <summary>The user who runs this process: <c>%u</c>.</summary>
    public required string LocalUser { get; init; }

    /// <summary>Its number: <c>%i</c>.</summary>
    public uint UserId { get; init; }

    /// <summary>This machine's name with its domain: <c>%l</c>.</summary>
    public required string LocalHost { get; init; }

    /// <summary>The configuration for all users.</summary>
    public string SystemFile { get; init; } = OperatingSystem.IsWindows()
        ? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.CommonApplicationData), "ssh", "ssh_config")
        : "/etc/ssh/ssh_config";

    /// <summary>The value of an environment variable, or <see langword="null"/>.</summary>
    public Func<string, string?> Variable { get; init; } = static _ => null;

    /// <summary>Another user's folder (<c>~user</c>), or <see langword="null"/>.</summary>
    public Func<string, string?> HomeOf { get; init; } = static _ => null;

    /// <summary>This machine's addresses, for <c>Match localnetwork</c>.</summary>
    public Func<IEnumerable<System.Net.IPAddress>> LocalAddresses { get; init; } = static () => [];

    /// <summary>The files.</summary>
    public required ISshFiles Files { get; init; }

    /// <summary>The configuration of the user.</summary>
    public string UserFile => $"{Home}/.ssh/config";

    /// <summary>
    /// This process's user and machine. The home folder is <c>$HOME</c>, as it is for PowerShell's <c>~</c>, and the account's
    /// where that is not set.
    /// </summary>
    /// <param name="files">Keeps what was read, for the next host.</param>
    public static SshConfigEnvironment Local(LocalSshFiles files)
    {
        string home = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        return new()
        {
            Home = home.Length > 1 ? home.TrimEnd('/') : home,
            LocalUser = System.Environment.UserName,
            UserId = UnixFile.CurrentUser,
            LocalHost = System.Net.Dns.GetHostName(),
            Variable = System.Environment.GetEnvironmentVariable,
            HomeOf = LocalSshFiles.HomeOf,
            LocalAddresses = static () => NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(address => address.Address),
            Files = files,
        };
    }
}

/// <summary>Where configuration files come from.</summary>
internal interface ISshFiles
{
    /// <summary>A file, or <see langword="null"/> where there is none.</summary>
    /// <exception cref="ProdOpsException">It cannot be read, or <paramref name="checkOwner"/> is set and others may write to it.</exception>
    SshConfigText? Read(string path, bool checkOwner);

    /// <summary>The files that a pattern names, in order; none is no error.</summary>
    IReadOnlyList<string> Glob(string pattern);
}
