using System.Management.Automation;
using System.Text;

namespace ProdOps.Lab.Tests.Secrets;

/// <summary>Secrets on their way to a host: where they may come from, and where they must never be seen.</summary>
[Collection(LabCollection.Name)]
public sealed class SecretTests(Fleet fleet)
{
    // One for each way that a secret goes; none is a part of another or of anything else.
    private const string SudoPassword = "sudo-7Kq'2 $x", LoginPassword = "login-9Wm\"4;y", Passphrase = "phrase-3Tz&8|z", Wrong = "wrong-5Pv#6%w";

    [LabFact]
    public async Task A_password_file_that_others_can_read_is_refused_and_a_closed_one_is_taken()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("vera", "sudo=password", $"password={SudoPassword}");
        using var admin = new Admin($"User = 'vera'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; SudoPassword = @{{ File = 'sudo' }}", Entry(host));
        string path = admin.WriteSecret("sudo", SudoPassword);
        foreach (var mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.OtherWrite })
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            var error = (await admin.RunAsync("Invoke-ServerCommand 'id -un' -Server web1 -AsRoot")).Error;
            Assert.Equal("SecretFileExposed", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Contains(path, error.ToString());
            Assert.Contains("chmod", error.ErrorDetails.RecommendedAction);
        }

        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        Assert.Equal("root", (await admin.RunAsync("(Invoke-ServerCommand 'id -un' -Server web1 -AsRoot).StandardOutput")).Text);
    }

    [LabFact]
    public async Task No_secret_is_seen_in_any_stream_or_error_nor_in_any_process_file_or_log_of_the_host()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("vera", "sudo=password", $"password={SudoPassword}");
        await host.AccountAsync("pia", "password=" + LoginPassword);
        await host.RunAsync("rm -f ~pia/.ssh/authorized_keys");
        using var admin = new Admin(
            $"User = 'vera'; IdentityFile = 'locked'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; Passphrase = @{{ File = 'passphrase' }}; SudoPassword = @{{ Secret = 'sudo' }}", Entry(host));
        admin.WriteSecret("passphrase", Passphrase);
        await Machine.RunAsync("cp \"$1\" \"$2/locked\"; ssh-keygen -q -p -P '' -N \"$3\" -f \"$2/locked\"; echo one > \"$2/file\"; chmod 600 \"$2/file\"", Fleet.Key, admin.Folder, Passphrase);
        // A vault of one's own, as the SecretManagement module has them.
        string vault = Path.Combine(admin.Folder, "Microsoft.PowerShell.SecretManagement.psm1");
        await File.WriteAllTextAsync(vault, "function Get-Secret { [CmdletBinding()] param($Name, $Vault) $s = [securestring]::new(); foreach ($c in $global:planted.ToCharArray()) { $s.AppendChar($c) }; $s }");
        string patterns = string.Join('\n', SudoPassword, LoginPassword, Passphrase, Wrong) + "\n";
        await host.RunAsync("cat > /root/patterns", patterns);
        await host.RunAsync("setsid sh -c 'while [ ! -e /root/stop ]; do grep -laFf /root/patterns /proc/[0-9]*/cmdline /proc/[0-9]*/environ >> /root/seen 2>/dev/null; grep -laF lab_control= /proc/[0-9]*/environ >> /root/control 2>/dev/null; done; touch /root/stopped' > /dev/null 2>&1 < /dev/null &");
        var text = new StringBuilder();
        try
        {
            await admin.RunAsync($"Import-Module '{vault}'; $global:planted = '{SudoPassword.Replace("'", "''", StringComparison.Ordinal)}'; $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'");
            await host.RunAsync("cat > /etc/told; chmod 644 /etc/told", patterns);
            string right = Credential("pia", LoginPassword), wrong = Credential("nobody-here", Wrong);
            string[] scripts =
            [
                "Invoke-ServerCommand 'id -un; ps -ef; env; set' -Server web1 -AsRoot",
                "Invoke-ServerCommand 'sleep 0.3; id -un' -Server web1 -AsRoot",
                // What the watcher must see, or it would see nothing else either.
                "Invoke-ServerCommand 'export lab_control=1; sleep 0.5' -Server web1",
                "Copy-ServerItem file /root/copied -Server web1 -AsRoot",
                "Compare-ServerItem /root/copied -Server web1 -AsRoot -IncludeEqual",
                "Get-ProdOpsSchedule -Server web1 -AsRoot",
                $"Get-ServerClock -Server web1 -Credential {right}",
                $"Invoke-ServerCommand 'id -un' -Server web1 -AsRoot -Credential {right}",
                $"Invoke-ServerCommand 'id -un' -Server web1 -Credential {wrong}",
                $"$global:planted = '{Wrong}'; Get-Server web1 | Invoke-ServerCommand 'sudo -k; true'; Invoke-ServerCommand 'id -un' -Server web1 -AsRoot",
                "Copy-ServerItem -FromServer web1 /etc/none-such back; Get-ProdOpsEnvironment; Get-Server; Test-ProdOpsEnvironment -Connect",
                // What a command says in its failure is repeated in the error.
                "$null = Invoke-ServerCommand 'cat /etc/told >&2; exit 3' -Server web1",
            ];
            var ids = new List<string>();
            foreach (string script in scripts)
            {
                var answer = await admin.RunAsync($"& {{ {script} }} *>&1");
                foreach (var item in answer.Output.Concat(answer.Errors.Select(error => new PSObject(error)))) Describe(item, text, ids);
            }

            Assert.Contains(ids, id => id.StartsWith("AuthenticationFailed,", StringComparison.Ordinal));
            Assert.Contains(ids, id => id.StartsWith("SudoPasswordWrong,", StringComparison.Ordinal));
            Assert.Contains("root", text.ToString());
        }
        finally
        {
            await host.RunAsync("touch /root/stop; timeout 20 sh -c 'until [ -e /root/stopped ]; do sleep 0.05; done'");
        }

        foreach (string secret in new[] { SudoPassword, LoginPassword, Passphrase, Wrong }) Assert.DoesNotContain(secret, text.ToString());
        // The watcher has looked at every process all the while; what is left on the disk is looked at now.
        Assert.NotEqual("", await host.RunAsync("cat /root/control"));
        Assert.Equal("", await host.RunAsync("cat /root/seen"));
        Assert.Equal("", await host.RunAsync("rm -f /etc/told; journalctl -q --sync; journalctl -q -o export | grep -aFf /root/patterns || true; grep -rlaFf /root/patterns /tmp /var/tmp /var/log /run /home /root /etc 2>/dev/null | grep -v '^/root/patterns$' || true"));
        await host.RunAsync("rm -f /root/patterns /root/seen /root/control /root/stop /root/stopped /root/copied");
        // On this machine only the files that the admin wrote have them.
        Assert.Equal("passphrase", await Machine.RunAsync("cd \"$1\"; printf '%s\n' \"$2\" \"$3\" \"$4\" | grep -rlFf - . | sed 's|^./||'", admin.Folder, SudoPassword, LoginPassword, Passphrase));
    }

    private static string Credential(string user, string password) => $"([pscredential]::new('{user}', [Net.NetworkCredential]::new('', '{password}').SecurePassword))";

    private static string Entry(LabHost host) => $"@{{ Name = '{host.Name}'; Address = '{host.Address}' }}";

    /// <summary>All that a formatter, a transcript or a curious admin could show of it.</summary>
    private static void Describe(PSObject item, StringBuilder text, List<string> ids)
    {
        text.AppendLine(item.ToString());
        foreach (var property in item.Properties) text.AppendLine($"{property.Name}: {Value(property)}");
        if (item.BaseObject is not ErrorRecord error) return;
        ids.Add(error.FullyQualifiedErrorId);
        text.AppendLine(error.Exception.ToString()).AppendLine(error.ErrorDetails?.ToString()).AppendLine(error.ErrorDetails?.RecommendedAction).AppendLine($"{error.TargetObject} {error.CategoryInfo}");
    }

    private static string? Value(PSPropertyInfo property)
    {
        // The line that was typed is the admin's own, and some of these have a secret in it.
        if (property.Name is "InvocationInfo" or "ScriptStackTrace" or "Source") return null;
        try
        {
            return property.Value is System.Collections.IEnumerable and not string ? string.Join('\n', ((System.Collections.IEnumerable)property.Value).Cast<object>()) : property.Value?.ToString();
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
