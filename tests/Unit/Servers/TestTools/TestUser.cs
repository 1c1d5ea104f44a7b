namespace ProdOps.Servers.Tests.TestTools;

/// <summary>A user of this machine who is there for one test: not root, with a password, and a rule in sudoers.</summary>
internal sealed class TestUser : IDisposable
{
    private readonly string _sudoers;

    private TestUser(string name, string password, string? sudoRule)
    {
        Name = name;
        Password = password;
        _sudoers = $"/etc/sudoers.d/{name}";
        Tool.Succeed("useradd", "-M", "-d", "/", "-s", "/bin/bash", name);
        Tool.Succeed("sh", "-c", $"echo '{name}:{password}' | chpasswd");
        if (sudoRule is null) return;
        File.WriteAllText(_sudoers, $"{sudoRule.Replace("{user}", name)}\n");
        Tool.SetMode(_sudoers, UnixFileMode.UserRead);
    }

    public string Name { get; }

    public string Password { get; }

    /// <param name="sudoRule">A line of sudoers; <c>{user}</c> stands for the name.</param>
    public static TestUser Create(string? sudoRule) => new($"pt{Guid.NewGuid():N}"[..12], $"Pw-{Guid.NewGuid():N}", sudoRule);

    public void Dispose()
    {
        File.Delete(_sudoers);
        Tool.Succeed("userdel", Name);
    }
}

/// <summary>A test that logs in over SSH as a <see cref="TestUser"/>.</summary>
internal sealed class AccountFactAttribute : FactAttribute
{
    internal static readonly string[] Programs = ["sshd", "ssh-keygen", "useradd", "userdel", "chpasswd", "sudo", "/bin/bash"];

    public AccountFactAttribute() => Skip = Requirements.Root ?? Requirements.Missing(Programs);
}

/// <summary>A theory that logs in over SSH as a <see cref="TestUser"/>.</summary>
internal sealed class AccountTheoryAttribute : TheoryAttribute
{
    public AccountTheoryAttribute() => Skip = Requirements.Root ?? Requirements.Missing(AccountFactAttribute.Programs);
}
