namespace ProdOps.Lab.Tests.Connections;

/// <summary>A host that is not who it was.</summary>
[Collection(LabCollection.Name)]
public sealed class HostKeyTests(Fleet fleet)
{
    [LabFact]
    public async Task A_host_that_was_set_up_anew_is_refused_until_its_old_key_is_taken_away()
    {
        var host = await fleet.UpAsync("victim2");
        var known = Path.Combine(Directory.CreateTempSubdirectory("prodops-lab-").FullName, "known_hosts");
        try
        {
            using var admin = new Admin(
                $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{known}'; ConfigFile = 'none'", $"@{{ Name = 'victim2'; Address = '{host.Address}' }}");
            Assert.Contains("victim2", (await admin.RunAsync("Get-ServerClock -Server victim2")).Error.ToString());
            Assert.Equal("victim2", (await admin.RunAsync("(Get-ServerClock -Server victim2 -AcceptNewHostKey).Server")).Text);
            var remembered = await File.ReadAllTextAsync(known);
            Assert.Contains(host.Address, remembered);

            await host.BlankAsync();
            var error = (await admin.RunAsync("Get-ServerClock -Server victim2 -AcceptNewHostKey")).Error;
            var text = $"{error} {error.ErrorDetails?.RecommendedAction}";
            Assert.Contains("victim2", text);
            Assert.Contains(known, text);
            Assert.Equal(2, System.Text.RegularExpressions.Regex.Matches(text, "SHA256:[A-Za-z0-9+/]{43}").DistinctBy(match => match.Value).Count());
            Assert.Equal(remembered, await File.ReadAllTextAsync(known));

            File.Delete(known);
            Assert.Equal("victim2", (await admin.RunAsync("(Get-ServerClock -Server victim2 -AcceptNewHostKey).Server")).Text);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(known)!, recursive: true);
        }
    }
}
