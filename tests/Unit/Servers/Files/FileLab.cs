using System.Diagnostics;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;

namespace ProdOps.Servers.Tests.Files;

/// <summary>A folder of the test's own, and shells of "servers" that are this machine, with this machine's tools or BusyBox's.</summary>
internal sealed class FileLab : IDisposable
{
    public FileLab() => Path = Directory.CreateTempSubdirectory("prodops-files-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static string? BusyBox { get; } = Array.Find(["/bin/busybox", "/usr/bin/busybox"], File.Exists);

    public IServerShell Shell(string tools = "gnu") => tools switch
    {
        "gnu" => new LocalShell("web1"),
        "busybox" => new OtherTools(new LocalShell("web1"), Applets(), BusyBox!),
        _ => throw new ArgumentOutOfRangeException(nameof(tools)),
    };

    /// <summary>A shell whose PATH holds the named programs alone.</summary>
    public IServerShell ShellWithOnly(params string[] programs)
    {
        string folder = this["only-" + Guid.NewGuid().ToString("n")];
        Directory.CreateDirectory(folder);
        foreach (string program in programs) File.CreateSymbolicLink(System.IO.Path.Combine(folder, program), Find(program));
        return new OtherTools(new LocalShell("web1"), folder, null);
    }

    /// <summary>Runs a bash script in the lab's folder and returns what it printed.</summary>
    public string Bash(string script)
    {
        var start = new ProcessStartInfo("bash", ["-eu", "-c", script]) { WorkingDirectory = Path, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {errors.Result}");
        return output;
    }

    /// <summary>All that matters of a tree, as text to compare: type, mode, size, time, link target, names by inode, content. BusyBox keeps no fractions, and no times of links.</summary>
    public string Describe(string folder, bool fractions = true) => Bash($$"""
        cd '{{folder}}'
        export LC_ALL=C
        find . {{(fractions ? "" : "! -type l")}} -printf '%P|%y|%m|%T@|%l\n' | sed -E '{{(fractions ? "" : @"s/\.[0-9]+\|/|/")}}' | sort
        find . -type l -printf '%P -> %l\n' | sort
        find . -type f -links +1 -printf '%i %P\n' | sort | awk '{ if ($1 in n) printf "%s = %s\n", $2, n[$1]; else n[$1] = $2 }'
        find . -type f -print0 | sort -z | xargs -0 -r sha256sum
        """);

    public CopyContext Context(IActivity? activity = null) => new(activity ?? SilentActivity.Instance, new CopyProgress(SilentActivity.Instance, TimeProvider.System), TimeProvider.System);

    /// <summary>A tree with every sort of name and item that a copy has to keep.</summary>
    public string MakeTree(string name)
    {
        Bash($$"""
            mkdir -p '{{name}}'; cd '{{name}}'
            mkdir -p a/b/c empty 'with space' private; chmod 700 private; chmod 2755 a/b
            echo one > a/one; echo two > a/b/two; printf '' > a/b/c/nothing; head -c 300000 /dev/urandom > a/big
            echo x > 'with space/new
            line'; echo q > "quote's \"here\""; echo d > -dash; printf 'n' > $'latin-\xe9'; echo u > 'grüße'; echo b > 'back\slash'
            echo s > script.sh; chmod 755 script.sh; echo r > private/readonly; chmod 400 private/readonly
            ln -s one a/link; ln -s /nonexistent/target dangling; ln -s .. up; ln -s $'to-\xe9' $'link-\xe9'
            ln a/one a/b/hard; ln a/one zhard
            mkdir -p "long/$(printf 'x%.0s' $(seq 1 120))"; echo l > "long/$(printf 'x%.0s' $(seq 1 120))/$(printf 'y%.0s' $(seq 1 200))"
            touch -d '2020-02-03 04:05:06.123456789' a/one; touch -d '1969-12-31 23:59:58.5' a/b/two; touch -d '2021-01-01 00:00:00' a/big
            touch -h -d '2019-01-01 00:00:00' a/link
            touch -d '2018-05-05 05:05:05.000000005' empty; touch -d '2017-01-01 01:01:01' a/b
            """);
        return this[name];
    }

    public void Dispose() => Bash("cd /; chmod -R u+rwx \"$OLDPWD\" 2>/dev/null || true; rm -rf \"$OLDPWD\"");

    private string Applets()
    {
        string folder = this["busybox"];
        if (!Directory.Exists(folder)) Bash($"mkdir busybox; '{BusyBox}' --install -s busybox");
        return folder;
    }

    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':').Select(folder => System.IO.Path.Combine(folder, program)).First(File.Exists);

    private sealed class OtherTools(IServerShell inner, string path, string? busyBox) : IServerShell
    {
        public string Name => inner.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            string text = $"PATH={ShellQuote.Word(path)}; export PATH\n{command.Text}";
            return inner.StartAsync(command with { Text = busyBox is null ? text : $"exec {busyBox} sh -c {ShellQuote.Word(text)}" }, cancellationToken);
        }
    }
}
