<?php
// seed.php SITE PORT: installs WordPress with open comments and one article.
define('WP_INSTALLING', true);
$_SERVER += ['HTTP_HOST' => '127.0.0.1:' . $argv[2], 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification(...$ignored) {}  // sends no mail
wp_install('Le blogue de la Caisse Valtisse', 'admin', 'admin@valtisse.example', true, '', 'motdepasse', 'fr_FR');
$options = [
    'permalink_structure' => '/%year%/%monthnum%/%postname%/',
    'comment_moderation' => 0,
    'comment_previously_approved' => 0,
    'comments_notify' => 0,
    'moderation_notify' => 0,
    'thread_comments' => 1,
    'timezone_string' => 'America/Toronto',
    'rss_use_excerpt' => 0,
];
foreach ($options as $name => $value) {
    update_option($name, $value);
}
flush_rewrite_rules(false);
