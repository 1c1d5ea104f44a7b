using System.Text;

namespace ProdOps.Lab.Tests.Commands;

/// <summary>Whatever shell a login has, and whatever it says when it starts.</summary>
[Collection(LabCollection.Name)]
public sealed class ShellTests(Fleet fleet)
{
    private static readonly string[] Hostile =
    [
        "plain", "two  words", "quo'te", "\"", "$HOME", "$(id)", "`id`", "a\\b\\", "*", "?", "[a-z]", "~", "{a,b}", "!!", "!1", "#", ";", "&& false", "|", "> /tmp/x",
        "line\nbreak", "tab\tstop", "trailing\n", " ", "", "-n", "--help", "--", "ä€\U0001F511", "%s", "\r", "=", "a=b", "^x^y", "\u0001",
    ];

    [LabTheory]
    [InlineData("web1", "bashful", "shell=/bin/bash")]
    [InlineData("web1", "loud", "shell=/bin/bash", "noisy")]
    [InlineData("web1", "dasher", "shell=/bin/dash", "noisy")]
    [InlineData("web1", "seashell", "shell=/bin/csh", "noisy")]
    [InlineData("web1", "fisher", "shell=/usr/bin/fish", "noisy")]
    [InlineData("odd1", "busy", "shell=/usr/local/bin/ash")]
    [InlineData("odd1", "loudash", "shell=/usr/local/bin/ash", "noisy")]
    public async Task Arguments_input_output_and_exit_code_arrive_as_they_are(string name, string user, params string[] options)
    {
        var host = await fleet.UpAsync(name);
        if (name == "odd1") await host.UseBusyBoxAsync();
        await host.AccountAsync(user, options);
        using var admin = new Admin(user, host);
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "script"), "#!/bin/sh\nprintf '%s\\0' \"$@\"\ncat\necho oops >&2\nexit 3\n");
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "words"), string.Join('\0', Hostile));
        // Twice: the first command of a connection finds out what the login shell is, and the second one uses it.
        for (var round = 0; round < 2; round++)
        {
            var script = await admin.RunAsync($"$words = [IO.File]::ReadAllText('{admin.Folder}/words').Split([char]0); Invoke-ServerCommand -FilePath ./script -ArgumentList $words -StandardInput 'in' -AsByte -Server {name}");
            var result = Assert.Single(script.Output);
            Assert.Equal(Hostile.Append("in\n"), Encoding.UTF8.GetString((byte[])result.Properties["OutputBytes"].Value).Split('\0'));
            Assert.Equal(["oops"], (IEnumerable<string>)result.Properties["StandardError"].Value);
            Assert.Equal(3, result.Properties["ExitCode"].Value);
            Assert.Equal(("CommandFailed", name), (script.ErrorId, script.Error.TargetObject.ToString()));
            var command = await admin.RunAsync($"(Invoke-ServerCommand 'printf \"%s\\0\"' -ArgumentList $words -AsByte -Server {name}).OutputBytes");
            Assert.Equal([.. Hostile, ""], Encoding.UTF8.GetString([.. command.Clean.Select(item => (byte)item.BaseObject)]).Split('\0'));
        }
    }

    [LabFact]
    public async Task A_server_that_has_BusyBox_and_no_bash_is_a_server()
    {
        var host = await fleet.UpAsync("odd1");
        await host.UseBusyBoxAsync();
        await host.AccountAsync("alpine", "shell=/bin/sh");
        await host.RunAsync("mv /bin/bash /bin/bash.gone; ln -sf busybox /bin/sh");
        try
        {
            using var admin = new Admin("alpine", host);
            var answer = await admin.RunAsync("(Invoke-ServerCommand 'hostname; readlink -f /proc/$$/exe; command -v bash || echo no bash' -Server odd1).StandardOutput");
            Assert.Equal(["odd1", "/usr/bin/busybox", "no bash"], answer.Clean.Select(line => line.ToString()));
            var running = admin.Start("Invoke-ServerCommand 'sleep 7651 & sleep 7651' -Server odd1");
            await host.WaitAsync("[ $(ps -o args | grep -c \"^sleep 7651\") -eq 2 ]");
            await running.StopAsync();
            await host.WaitAsync("! ps -o args | grep -q \"^sleep 7651\"", 5);
        }
        finally
        {
            await host.RunAsync("ln -sf dash /bin/sh; mv /bin/bash.gone /bin/bash");
        }
    }

    [LabFact]
    public async Task A_login_without_a_shell_is_an_error_that_says_so()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("shut", "shell=/usr/sbin/nologin");
        using var admin = new Admin("shut", host);
        var answer = await admin.RunAsync("Invoke-ServerCommand hostname -Server web1");
        Assert.Equal(("ShellMissing", "web1"), (answer.ErrorId, answer.Error.TargetObject.ToString()));
        Assert.Contains("not available", answer.Error.ToString());
        Assert.NotEmpty(answer.Error.ErrorDetails.RecommendedAction);
    }
}
